// Figures over a day or a month. A span without figures is a gap in the curve, never a line across it.

import { get } from "../lib/api.js";
import { now } from "../lib/rooms.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, day, number, t, word } from "../lib/words.js";
import uPlot from "../vendor/uplot.js";

const SPANS = { day: [300, 86_400_000], month: [3600, 30 * 86_400_000] };
const ASK = "what=ups.*&what=climate.*&what=line.*";
/** Figures in the order of their charts, with the unit and what they are multiplied by. @type {[string, string, number][]} */
const CHARTS = [
  ["charge_pct", "%", 1],
  ["input_v", "V", 1],
  ["load_pct", "%", 1],
  ["temp_c", "°C", 1],
  ["humidity_pct", "%", 1],
  ["rtt_ms", "ms", 1],
  ["loss_ratio", "%", 100],
  ["jitter_ms", "ms", 1],
];
const INKS = ["--blue", "--amber", "--alarm", "--soft"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** @param {{ slug: string }} props */
export function Curves({ slug }) {
  const [span, setSpan] = useState(/** @type {"day" | "month"} */ ("day"));
  const [found, setFound] = useState(/** @type {Record<string, number[][]> | null} */ (null));
  useEffect(() => {
    let here = true;
    const load = () => {
      const [span_s, back] = SPANS[span];
      get(`/rooms/${slug}/samples?${ASK}&span_s=${span_s}&from_ms=${Math.max(0, Math.floor(now() - back))}`)
        .then((said) => here && setFound(said))
        .catch(() => here && setFound({}));
    };
    setFound(null);
    load();
    const tick = setInterval(load, 150_000);
    return () => {
      here = false;
      clearInterval(tick);
    };
  }, [slug, span]);
  const charts = CHARTS.map(([figure, unit, times]) => ({ figure, unit, times, all: Object.entries(found ?? {}).filter(([what]) => what.endsWith(`.${figure}`)) })).filter((one) => one.all.length > 0);
  return html`<section class="card"><div class="row"><h2>${t("room.curves")}</h2><span class="grow"></span>
    ${/** @type {const} */ (["day", "month"]).map((one) => html`<button aria-pressed=${span === one} onClick=${() => setSpan(one)}>${t(`room.span.${one}`)}</button>`)}</div>
    ${found !== null && charts.length === 0 ? html`<p class="soft">${t("room.no_samples")}</p>` : null}
    <div class="charts">${charts.map((one) => html`<${Chart} key=${`${one.figure} ${span}`} ...${one} span=${span} />`)}</div></section>`;
}

/** @param {{ figure: string, unit: string, times: number, all: [string, number[][]][], span: "day" | "month" }} props */
function Chart({ figure, unit, times, all, span }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const data = table(all, SPANS[span][0] * 1000, times);
  const names = all.map(([what]) => what.split(".").slice(1, -1).map((one) => word(one)).join(" ") || word(what.split(".")[0]));
  useEffect(() => {
    const element = /** @type {HTMLElement} */ (box.current);
    const plot = new uPlot(options(figure, element.clientWidth, names, span), /** @type {any} */ (data), element);
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 120 }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [JSON.stringify(data), document.documentElement.dataset.shade]);
  const said = all.map(([, rows], n) => `${names[n]}: ${t("room.lowhigh", number(low(rows) * times, 1), number(high(rows) * times, 1), number((rows.at(-1)?.[2] ?? 0) * times, 1))}`);
  const title = `${t(`room.figure.${figure}`)}, ${unit}`;
  return html`<figure><figcaption><b>${title}</b>${names.map((name, n) => html`<span class=${`key k${n % INKS.length}`}><i></i>${name} <b>${number((all[n][1].at(-1)?.[2] ?? 0) * times, 1)}</b></span>`)}</figcaption>
    <div ref=${box} role="img" aria-label=${`${title}. ${said.join("; ")}`}></div></figure>`;
}

/** @param {number[][]} rows */
const low = (rows) => Math.min(...rows.map((row) => row[1]));
/** @param {number[][]} rows */
const high = (rows) => Math.max(...rows.map((row) => row[3]));

/** Columns of one table over common times (s); null where a series has nothing, and in the middle of every gap.
 * @param {[string, number[][]][]} all @param {number} step_ms @param {number} times @returns {(number | null)[][]} */
export function table(all, step_ms, times) {
  /** @type {Set<number>} */
  const moments = new Set();
  for (const [, rows] of all) {
    let before = Number.NaN;
    for (const [at] of rows) {
      if (at - before > step_ms) moments.add(before + step_ms);
      moments.add((before = at));
    }
  }
  const sorted = [...moments].sort((a, b) => a - b);
  const series = all.map(([, rows]) => {
    const known = new Map(rows.map((row) => [row[0], row[2] * times]));
    return sorted.map((at) => known.get(at) ?? null);
  });
  return [sorted.map((at) => at / 1000), ...series];
}

/** What the height of a chart stands for: a share is of a hundred, what cannot be less than nothing begins there, and a
 * figure that stands still lies in the middle. @param {string} figure @param {number | null} least @param {number | null} most @returns {[number, number]} */
export function heights(figure, least, most) {
  if (least === null || most === null || figure === "charge_pct" || figure === "humidity_pct") return [0, 100];
  const room = Math.max((most - least) * 0.1, Math.abs(most) * 0.02, 1);
  return [figure === "temp_c" ? least - room : Math.max(0, least - room), most + room];
}

/** @param {string} figure @param {number} width @param {string[]} names @param {"day" | "month"} span @returns {any} */
function options(figure, width, names, span) {
  const ink = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: ink("--soft"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const say = span === "day" ? clock : (/** @type {number} */ ms) => day(ms).slice(0, 5);
  return {
    width,
    height: 120,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (/** @type {number} */ s) => uPlot.tzDate(new Date(s * 1000), "Asia/Ho_Chi_Minh"),
    scales: { x: { range: [now() / 1000 - SPANS[span][1] / 1000, now() / 1000] }, y: { range: (/** @type {any} */ _u, /** @type {number | null} */ least, /** @type {number | null} */ most) => heights(figure, least, most) } },
    axes: [
      { ...axis, size: 24, values: (/** @type {any} */ _u, /** @type {number[]} */ splits) => splits.map((s) => say(s * 1000)) },
      { ...axis, size: 48, values: (/** @type {any} */ _u, /** @type {number[]} */ splits) => splits.map((value) => number(value, 1)) },
    ],
    series: [{}, ...names.map((name, n) => ({ label: name, stroke: ink(INKS[n % INKS.length]), dash: DASHES[n % DASHES.length], width: 2, spanGaps: false, points: { show: false } }))],
  };
}
