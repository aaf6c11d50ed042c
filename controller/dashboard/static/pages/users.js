// Accounts, for administrators; a new password is shown once. Below: what was changed at the centre, by whom.

import { saved } from "../lib/act.js";
import { get, post } from "../lib/api.js";
import { listen } from "../lib/stream.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { t, unitName, when } from "../lib/words.js";

const ROLES = ["operator", "office", "viewer", "technician", "admin"];
/** @type {Record<string, string>} */
const ROLE = { admin: "page.users.role.admin", operator: "page.users.role.operator", office: "page.users.role.office", viewer: "page.users.role.viewer", technician: "page.users.role.technician" };

export function Page() {
  const [told, setTold] = useState(/** @type {any} */ (null));
  const [said, setSaid] = useState("");
  const [role, setRole] = useState(ROLES[0]);
  const [secret, setSecret] = useState("");
  const ask = () => get("/users").then(setTold).catch((error) => error.message && setSaid(error.message));
  useEffect(() => {
    ask();
    return listen("hello", ask);
  }, []);
  if (told === null) return html`<h1>${t("page.nav.users")}</h1><p role="status">${said}</p>`;
  /** @param {string} path @param {any} body @param {string} login */
  const run = async (path, body, login) => {
    const made = await saved(post(path, body), setSaid, ask);
    if (made !== null) setSecret(made.password ? t("page.users.once", login, made.password) : "");
    return made !== null;
  };
  /** @param {SubmitEvent} event */
  const add = async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = new FormData(form);
    const body = { ...Object.fromEntries(fields), communes: fields.getAll("communes").map(Number) };
    if (await run("/users", body, String(fields.get("login")))) (form.reset(), setRole(ROLES[0]));
  };
  /** @param {any} user @param {any} new_ */
  const change = (user, new_) => run(`/users/${user.id}`, new_, user.login);
  return html`<h1>${t("page.nav.users")}</h1><p role="status" class="said">${said}</p>
    ${secret ? html`<p class="secret">${secret}</p>` : null}
    <form class="card sheet" onSubmit=${add} aria-label=${t("page.users.add")}>
      <label>${t("page.users.login")}<input name="login" required pattern="[a-z0-9][a-z0-9._\\-]+" maxlength="60" autocomplete="off" /></label>
      <label>${t("page.people.name")}<input name="name" required maxlength="120" autocomplete="off" /></label>
      <label>${t("page.people.unit")}<input name="unit" maxlength="120" /></label>
      <label>${t("page.users.role")}<select name="role" onChange=${(/** @type {any} */ e) => setRole(e.target.value)}>${ROLES.map((role) => html`<option value=${role} key=${role}>${t(ROLE[role])}</option>`)}</select></label>
      ${role === "technician" ? html`<${Communes} units=${told.units} of=${[]} />` : null}
      <button class="main">${t("page.users.add")}</button></form>
    <div class="scroll card" tabindex="0" role="region" aria-label=${t("page.nav.users")}><table><thead><tr><th>${t("page.users.login")}</th><th>${t("page.people.name")}</th><th>${t("page.people.unit")}</th><th>${t("page.users.role")}</th><th>${t("page.users.seen")}</th><th>${t("page.people.edit")}</th></tr></thead>
      <tbody>${told.users.map((/** @type {any} */ user) => html`<tr key=${user.id} class=${user.disabled ? "off" : ""}><td><strong>${user.login}</strong></td><td>${user.name}</td><td>${user.unit}</td>
        <td>${user.id === told.me ? t(ROLE[user.role]) : html`<select value=${user.role} aria-label=${`${t("page.users.role")}: ${user.login}`} onChange=${(/** @type {any} */ e) => change(user, { role: e.target.value })}>${ROLES.map((role) => html`<option value=${role} key=${role}>${t(ROLE[role])}</option>`)}</select>`}
          ${user.role === "technician" ? html`<${Communes} units=${told.units} of=${user.communes} name=${user.login} choose=${(/** @type {number[]} */ communes) => change(user, { communes })} />` : null}</td>
        <td>${user.seen_ms ? when(user.seen_ms) : t("page.users.never")} ${user.disabled ? html`<span class="chip warn">${t("page.users.disabled")}</span>` : null}</td>
        <td><div class="row"><button aria-label=${`${t("page.users.new_password")}: ${user.login}`} onClick=${() => run(`/users/${user.id}/password`, {}, user.login)}>${t("page.users.new_password")}</button>
          ${user.id === told.me ? null : html`<button aria-label=${`${t(user.disabled ? "page.users.enable" : "page.users.disable")}: ${user.login}`} onClick=${() => change(user, { disabled: !user.disabled })}>${t(user.disabled ? "page.users.enable" : "page.users.disable")}</button>`}</div></td></tr>`)}</tbody></table></div>
    <section class="card"><h2>${t("page.users.audit")}</h2><div class="scroll" tabindex="0" role="region" aria-label=${t("page.users.audit")}><table><thead><tr><th>${t("page.users.when")}</th><th>${t("page.users.by")}</th><th>${t("page.users.change")}</th></tr></thead>
      <tbody>${told.audit.map((/** @type {any} */ line) => html`<tr key=${line.id}><td>${when(line.at_ms)}</td><td>${line.by}</td><td>${t(`page.audit.${line.what}`)} <strong>${line.subject}</strong></td></tr>`)}</tbody></table></div></section>`;
}

/** What is ticked stands at once, whatever is asked again meanwhile; where it could not be written it is as before.
 * @param {{ units: { id: number, kind: string, name: string }[], of: number[], name?: string, choose?: (ids: number[]) => Promise<boolean> }} props */
function Communes({ units, of, name, choose }) {
  const [mine, setMine] = useState(of);
  useEffect(() => setMine(of), [of.join()]);
  /** @param {number} id */
  const tick = async (id) => {
    const next = mine.includes(id) ? mine.filter((one) => one !== id) : [...mine, id];
    setMine(next);
    if (choose && !(await choose(next))) setMine(of);
  };
  return html`<fieldset class="few" aria-label=${name && `${t("page.users.communes")}: ${name}`}><legend>${t("page.users.communes")}</legend>
    ${units.map((unit) => html`<label class="tick" key=${unit.id}><input type="checkbox" name="communes" value=${unit.id} checked=${mine.includes(unit.id)} onChange=${() => tick(unit.id)} /> ${unitName(unit)}</label>`)}</fieldset>`;
}
