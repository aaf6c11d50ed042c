// The shell: who is here, which screen, language, light or dark, and whether the centre still answers.

import { Refused, call, get, post } from "./lib/api.js";
import { goOn } from "./lib/onward.js";
import { SCREENS, route } from "./lib/pages.js";
import { first } from "./lib/rooms.js";
import { connect, disconnect, listen } from "./lib/stream.js";
import { html, render, useEffect, useRef, useState } from "./lib/ui.js";
import { lang, learn, t } from "./lib/words.js";
import { Page as Board } from "./pages/board.js";
import { Page as Rooms } from "./pages/rooms.js";

/** @typedef {{ name: string, role: string, lang: string, room: string, meeting: string, network: string, now_ms: number }} Me */

/** How a sign-in at the identity provider, or by a link, ended that was not let in. */
const REFUSED = /^#\/((?:oidc|rights)\.[a-z_]+)$/;
const PASS = /^#\/pass\/(.+)$/;
/** On a line on which the rooms take longer, the rest of the page is shown before them. */
const SOON_MS = 500;
/** A screen that could not be fetched is asked for again. */
const AGAIN_MS = 2_000;
const FIRST = { chair: "#/chair", phone: "#/my-room" };

/** @param {{ who: Me | null }} props */
function Shell({ who }) {
  const [me, setMe] = useState(who);
  const [hash, setHash] = useState(location.hash);
  const [, again] = useState(0);
  const [lost, setLost] = useState(false);

  const enter = async () => setMe(await welcome(await get("/me").catch(() => null)));
  useEffect(() => {
    // A pass that is opened where the page already is signs in anew.
    const turn = () => (PASS.test(location.hash) ? location.reload() : setHash(location.hash));
    // A session ends while a page asks (at its time, or because this person has signed out): it would only stand still.
    const ended = (/** @type {PromiseRejectionEvent} */ event) => {
      if (!(event.reason instanceof Refused && event.reason.status === 401)) return;
      event.preventDefault();
      disconnect();
      setMe(null);
    };
    addEventListener("hashchange", turn);
    addEventListener("unhandledrejection", ended);
    const quiet = [listen("lost", () => setLost(true)), listen("hello", () => setLost(false))];
    turn(); // the address may have changed between the first picture and this
    return () => {
      removeEventListener("hashchange", turn);
      removeEventListener("unhandledrejection", ended);
      quiet.forEach((end) => end());
    };
  }, []);

  // After the first picture, and when the page has begun to listen.
  useEffect(() => void (me !== null && connect()), [me]);

  // What was chosen is gone with its screen: whoever works by keyboard goes on at the new one.
  const was = useRef(hash);
  useEffect(() => {
    if (route(was.current).screen !== null && hash !== was.current && document.activeElement === document.body) document.getElementById("content")?.focus({ preventScroll: true });
    was.current = hash;
  }, [hash]);

  // On a phone the screens stand in one line that scrolls: the open one is in sight.
  useEffect(() => document.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" }), [hash, me]);

  if (me === null) return html`<${SignIn} done=${enter} />`;
  const speak = async () => {
    localStorage.setItem("lang", lang() === "vi" ? "en" : "vi");
    await learn(localStorage.getItem("lang") ?? "vi");
    again((/** @type {number} */ n) => n + 1);
  };
  const leave = async () => {
    disconnect();
    await post("/sign-out").catch(() => null);
    setMe(null);
  };
  const passes = me.role === "chair" || me.role === "phone";
  return html`
    <a class="skip" href="#content" onClick=${(/** @type {Event} */ e) => { e.preventDefault(); document.getElementById("content")?.focus(); }}>${t("page.skip")}</a>
    ${passes ? null : html`<header class="head">
      <strong>${me.network}</strong>
      <nav aria-label=${t("page.nav")}>${SCREENS.filter((one) => one.roles.includes(me.role)).map(
        (one) => html`<a href=${`#/${one.path}`} aria-current=${route(hash).screen === one ? "page" : undefined}>${t(one.text)}</a>`,
      )}</nav>
      <span class="who">${me.name}</span>
      <button onClick=${shade}>${t("page.dark")}</button>
      <button onClick=${speak}>${t("page.language")}</button>
      <button onClick=${leave}>${t("page.sign_out")}</button>
    </header>`}
    ${lost ? html`<p class="lost" role="status">${t("page.lost")}</p>` : null}
    <main id="content" tabindex="-1" key=${lang()}><${Screen} hash=${hash} me=${me} /></main>`;
}

/** What a desk opens first is here with the shell, any other page when somebody opens it. @type {Map<string, any>} */
const pages = new Map([["board", Board], ["rooms", Rooms]]);

/** @param {string} file */
async function load(file) {
  pages.set(file, pages.get(file) ?? (await import(`./pages/${file}.js`)).Page);
}

/** @param {{ hash: string, me: Me }} props */
function Screen({ hash, me }) {
  const { screen, args } = route(hash);
  const [, again] = useState(0);
  useEffect(() => {
    // Not of one who has gone elsewhere since this was drawn.
    if (screen === null && route(location.hash).screen === null) location.hash = FIRST[/** @type {"chair"} */ (me.role)] ?? `#/${SCREENS.find((one) => one.roles.includes(me.role))?.path ?? ""}`;
    if (screen === null || pages.has(screen.file)) return undefined;
    /** @type {ReturnType<typeof setTimeout>} */
    let later;
    const open = () => load(screen.file).then(() => again((/** @type {number} */ n) => n + 1), () => void (later = setTimeout(open, AGAIN_MS)));
    open();
    return () => clearTimeout(later);
  }, [screen]);
  const page = pages.get(screen?.file ?? "");
  return page === undefined || screen === null ? html`<h1>${me.network}</h1>` : html`<${page} args=${args} me=${me} key=${screen.path} />`;
}

/** @param {{ done: () => Promise<void> }} props */
function SignIn({ done }) {
  const [said, setSaid] = useState(() => refused());
  const [other, setOther] = useState({ on: false, label: "" });
  useEffect(() => void get("/oidc").then(setOther, () => null), []);
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    try {
      await call("POST", "/sign-in", { login: form.get("login"), password: form.get("password") });
      await done();
    } catch (error) {
      setSaid(/** @type {Error} */ (error).message);
    }
  };
  return html`<main class="sign"><h1>Diemcau</h1><form onSubmit=${send}>
    <label>${t("page.login")}<input name="login" autocomplete="username" required /></label>
    <label>${t("page.password")}<input name="password" type="password" autocomplete="current-password" required /></label>
    <button class="main">${t("page.sign_in")}</button>
    ${other.on ? html`<button type="button" onClick=${() => location.assign("/api/oidc/start")}>${other.label || t("page.sign_in_oidc")}</button>` : null}
    <p role="alert">${said}</p></form></main>`;
}

/** What the address says of it, once. */
function refused() {
  const found = REFUSED.exec(location.hash);
  if (found === null) return "";
  history.replaceState(null, "", "#/");
  return t(/** @type {string} */ (found[1]));
}

/** Who is here; texts and the screen's own file come at the same time, so that the first picture is the whole one. */
async function begin() {
  document.documentElement.dataset.shade = localStorage.getItem("shade") ?? "";
  const { screen } = route(location.hash);
  const [found] = await Promise.all([
    passed().then(() => get("/me").catch(() => null)),
    learn(localStorage.getItem("lang") ?? "vi"),
    screen === null ? null : load(screen.file).catch(() => null),
    first === null ? null : Promise.race([first, new Promise((go) => setTimeout(go, SOON_MS))]),
  ]);
  render(html`<${Shell} who=${await welcome(found)} />`, document.body);
}

/** Speaks the person's language. @param {Me | null} found */
async function welcome(found) {
  if (found === null) document.cookie = "diemcau_here=; max-age=0; path=/";
  const own = localStorage.getItem("lang") ?? found?.lang ?? lang();
  if (own !== lang()) await learn(own);
  return found;
}

/** A link with a pass (`#/pass/SECRET`) signs in; the secret leaves the address at once. */
async function passed() {
  const found = PASS.exec(location.hash);
  if (found === null) return;
  history.replaceState(null, "", "#/");
  await get(`/pass/${found[1]}`).catch((error) => history.replaceState(null, "", `#/${error.code}`));
}

function shade() {
  const now = document.documentElement.dataset.shade;
  const next = now === "dark" || (now === "" && matchMedia("(prefers-color-scheme: dark)").matches) ? "light" : "dark";
  localStorage.setItem("shade", (document.documentElement.dataset.shade = next));
}

goOn();
begin();
