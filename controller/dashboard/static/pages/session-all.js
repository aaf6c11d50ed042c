// What the desk tells the whole meeting: power up its rooms, call the sites one after another, close every microphone but
// the chair's; and what each site answered. One call waits for the one before it; who leaves the page stops calling.

import { followed } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { STAGE, why } from "../lib/replies.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, collate, t } from "../lib/words.js";

/** @typedef {{ room: string, verb: string, args: any, by: string, sent_ms: number, stage: string, code: string, told: unknown[] }} Reply */

/** The next site is called then, whatever this one says. */
const LONGEST_MS = 40_000;

/** `roll`: of the roll-call, which calls in its own order, by doubt, and closes no microphone. @param {{ path: string, tiles: any[], chair: string, say: (text: string) => void, roll?: boolean }} props */
export function Whole({ path, tiles, chair, say, roll = false }) {
  const [told, setTold] = useState(/** @type {{ number: string, place: string, replies: Reply[] } | null} */ (null));
  const [unsent, setUnsent] = useState(/** @type {Record<string, string>} */ ({}));
  const [calling, setCalling] = useState("");
  const turn = useRef(0);
  const number = useRef(/** @type {any} */ (null));
  const ask = () => get(`${path}/whole`).then(setTold).catch((error) => error.message && say(error.message));
  useEffect(() => {
    ask();
    const quiet = [listen("orders", ask), listen("hello", ask)];
    return () => {
      turn.current += 1;
      quiet.forEach((end) => end());
    };
  }, []);
  if (told === null) return null;
  const name = (/** @type {string} */ slug) => tiles.find((tile) => tile.slug === slug)?.name ?? slug;
  const outside = tiles.filter((tile) => tile.call === false && tile.slug !== told.place);
  if (!roll) outside.sort((a, b) => collate(a.name, b.name));
  const call = async () => {
    const mine = ++turn.current;
    const stopped = () => turn.current !== mine;
    const address = new FormData(number.current).get("address");
    setUnsent({});
    for (const { slug } of outside) {
      if (stopped()) break;
      setCalling(slug);
      try {
        const { id } = await post(`${path}/call`, { room: slug, address });
        await followed(id, LONGEST_MS, stopped);
      } catch (error) {
        setUnsent((old) => ({ ...old, [slug]: /** @type {Error} */ (error).message }));
      }
    }
    if (!stopped()) setCalling("");
  };
  const stop = () => {
    turn.current += 1;
    setCalling("");
  };
  const tell = async (/** @type {string} */ what, /** @type {string} */ value) => {
    try {
      const done = await post(`${path}/${what}`, { value });
      setUnsent(Object.fromEntries(Object.entries(done.unsent).map(([slug, code]) => [slug, t(String(code), name(slug))])));
      say(t("page.all.told", Object.keys(done.sent).length, Object.keys(done.unsent).length));
      await ask();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  return html`<section class="card all" aria-label=${t(roll ? "page.all.roll" : "page.all")}><h2>${t(roll ? "page.all.roll" : "page.all")}</h2>
    <form class="row" ref=${number} onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); call(); }}>
      <label class="row">${t("page.all.number")}<${Kept} name="address" required maxlength="100" size="16" start=${told.number} /></label>
      ${calling === "" ? html`<button class="main" disabled=${outside.length === 0}>${t("page.all.call", outside.length)}</button>`
        : html`<button type="button" onClick=${stop}>${t("page.all.stop")}</button><span role="status">${t("page.all.calling", name(calling))}</span>`}</form>
    <div class="row"><button onClick=${() => tell("power-all", "on")}>${t("page.all.power")}</button>
      ${roll ? null : html`<button onClick=${() => tell("mute-all", "muted")}>${t(chair ? "page.all.mute" : "page.all.mute_every")}</button><button onClick=${() => tell("mute-all", "auto")}>${t("page.all.auto")}</button>`}</div>
    <${Answers} replies=${told.replies.filter((one) => !roll || one.verb !== "mute")} unsent=${unsent} name=${name} /></section>`;
}

/** Whoever did not do it first: those are to be phoned. @param {{ replies: Reply[], unsent: Record<string, string>, name: (slug: string) => string }} props */
function Answers({ replies, unsent, name }) {
  const rank = (/** @type {Reply} */ one) => (one.stage === "done" ? 2 : ["sent", "accepted"].includes(one.stage) ? 1 : 0);
  const rows = [...replies].sort((a, b) => rank(a) - rank(b) || collate(name(a.room), name(b.room)));
  if (rows.length === 0 && Object.keys(unsent).length === 0) return null;
  return html`<h3>${t("page.all.answers")}</h3><ul class="plain log" tabindex="0" aria-label=${t("page.all.answers")}>
    ${Object.entries(unsent).map(([slug, text]) => html`<li key=${`! ${slug}`}><strong>${name(slug)}</strong> <span class="chip bad"><i>■</i> ${t("page.all.unsent")}</span> <span class="bad">${text}</span></li>`)}
    ${rows.map((one) => {
      const [tone, shape] = STAGE[one.stage] ?? ["warn", "?"];
      const verb = one.verb !== "mute" ? t(one.verb === "call" ? "page.all.did.call" : one.args.value === "on" ? "page.all.did.power" : "page.all.did.power_auto") : t(one.args.value === "muted" ? "page.all.did.muted" : one.args.value === "open" ? "page.all.did.open" : "page.all.did.auto");
      return html`<li key=${`${one.verb} ${one.room}`}>${clock(one.sent_ms)} <strong>${name(one.room)}</strong> ${verb} <span class=${`chip ${tone}`}><i>${shape}</i> ${t(`room.stage.${one.stage}`)}</span> ${why(one) ? html`<span class=${tone}>${why(one)}</span>` : null}</li>`;
    })}</ul>`;
}
