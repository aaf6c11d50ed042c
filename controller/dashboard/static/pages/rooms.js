import { html } from "../lib/ui.js";
import { t } from "../lib/words.js";

export function Page() {
  return html`<h1>${t("page.nav.rooms")}</h1>`;
}
