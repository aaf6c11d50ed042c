// The tree of units: renamed, moved, merged; a site's own identity survives all of it.

import { post } from "../lib/api.js";
import { Kept } from "../lib/kept.js";
import { html, useState } from "../lib/ui.js";
import { collate, t, unitName } from "../lib/words.js";

/** @param {{ units: any[], run: (doing: Promise<any>) => Promise<any> }} props */
export function Units({ units, run }) {
  const [picked, setPicked] = useState(/** @type {number | null} */ (null));
  const alive = units.filter((unit) => unit.merged_into === null).sort((a, b) => collate(a.name, b.name));
  const unit = alive.find((one) => one.id === picked);
  const others = alive.filter((one) => one.id !== picked);
  /** @param {SubmitEvent} event */
  const save = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const { name, kind, parent } = Object.fromEntries(new FormData(form));
    const done = await run(post(unit ? `/units/${unit.id}` : "/units", { name, kind, parent: parent ? Number(parent) : null }));
    if (done && !unit) form.reset();
  };
  /** @param {SubmitEvent} event */
  const merge = async (event) => {
    event.preventDefault();
    const into = Number(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("into"));
    if (unit && (await run(post(`/units/${unit.id}/merge`, { into })))) setPicked(null);
  };
  return html`<section class="card"><h2>${t("page.people.units")}</h2>
    <label>${t("page.people.edit")}<select value=${picked ?? ""} onChange=${(/** @type {any} */ e) => setPicked(e.target.value ? Number(e.target.value) : null)}><option value="">+</option>${alive.map((one) => html`<option value=${one.id} key=${one.id}>${unitName(one)}</option>`)}</select></label>
    <form class="sheet" key=${picked ?? 0} onSubmit=${save} aria-label=${t("page.people.units")}>
      <label>${t("page.people.kind")}<input name="kind" required maxlength="20" defaultValue=${unit?.kind ?? ""} placeholder="xã, phường, sở" /></label>
      <label>${t("page.people.unit_name")}<input name="name" required maxlength="120" defaultValue=${unit?.name ?? ""} /></label>
      <label>${t("page.people.under")}<${Kept} as="select" name="parent" start=${unit?.parent ?? ""}><option value="">–</option>${others.map((one) => html`<option value=${one.id} key=${one.id}>${unitName(one)}</option>`)}</${Kept}></label>
      <button>${t("page.people.save")}</button></form>
    ${unit && others.length ? html`<form class="sheet" onSubmit=${merge} aria-label=${t("page.people.merge")}><label>${t("page.people.into")}<select name="into">${others.map((one) => html`<option value=${one.id} key=${one.id}>${unitName(one)}</option>`)}</select></label><button>${t("page.people.merge")}</button></form>` : null}</section>`;
}
