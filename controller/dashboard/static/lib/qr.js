// A QR code from rows of "0" and "1", drawn: four modules of white around it, as the standard wants.

import { html } from "./ui.js";
import { t, when } from "./words.js";

/** @param {{ made: { url: string, until_ms: number, qr: string[] } }} props */
export function Qr({ made }) {
  const size = made.qr.length + 8;
  const path = made.qr.map((row, y) => [...row].map((dark, x) => (dark === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("")).join("");
  return html`<figure class="qr"><svg viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${t("page.desk.qr_alt")} shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#fff" /><path d=${path} fill="#000" /></svg>
    <figcaption><a href=${made.url}>${made.url}</a><br /><span class="soft">${t("page.desk.link_until", when(made.until_ms))}</span></figcaption></figure>`;
}
