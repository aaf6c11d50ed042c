// One command from a button: what was refused is said beside it, what was ordered is not yet done. What the room answers
// is said when it comes, or that it does not answer.

import { Refused, get, post } from "./api.js";
import { why } from "./replies.js";
import { ordered, t } from "./words.js";

/** @typedef {{ room: string, name?: string, verb: string, args: any, stage: string, code: string, told: unknown[] }} Answer */

const LOOK_MS = 1_000;
/** The centre notes after a minute that a room is silent, and notes it within seconds. */
const LONGEST_MS = 75_000;

/** @param {string} path @param {unknown} body @param {(text: string) => void} say @param {(one: Answer) => string} [words] of what the room answered @returns {Promise<boolean>} whether it was taken */
export async function act(path, body, say, words = answer) {
  try {
    const { id } = await post(path, body);
    say(t("page.live.sent"));
    if (typeof id === "string") followed(id, LONGEST_MS, () => false, (one) => say(words(one)));
    return true;
  } catch (error) {
    say(/** @type {Error} */ (error).message);
    return false;
  }
}

/** A reason says itself that it refuses. @param {Answer} one */
function answer(one) {
  const [stage, reason] = [t(`room.stage.${one.stage}`), why(one)];
  const word = one.stage === "refused" && reason !== "" ? reason : [stage, reason].filter(Boolean).join(". ");
  return t("page.live.answered", one.name ?? one.room, ordered(one), word);
}

/** @param {number} ms */
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** The end of a command, `hear` at each of its stages: a room may take its time, yet not for ever. A look that fails on the way is no end. @param {string} id @param {number} longest_ms @param {() => boolean} stopped @param {(one: Answer) => void} [hear] */
export async function followed(id, longest_ms, stopped, hear) {
  let stage = "sent";
  for (let left = longest_ms; left > 0 && !stopped(); left -= LOOK_MS) {
    /** @type {Answer | null} */
    const one = await get(`/orders/${id}`).catch((error) => (error instanceof Refused && error.status < 500 ? null : { stage }));
    if (one === null) return;
    if (one.stage !== stage) hear?.(one);
    stage = one.stage;
    if (!["sent", "accepted"].includes(stage)) return;
    await wait(LOOK_MS);
  }
}

/** What is stored is said (`done`, else "saved") and asked anew, for which nobody waits: a form that stood there would be sent again. What is refused is said. The answer; null = refused. @param {Promise<any>} doing @param {(text: string) => void} say @param {() => unknown} ask @param {string} [done] */
export async function saved(doing, say, ask, done) {
  try {
    const answer = await doing;
    say(done ?? t("page.people.saved"));
    ask();
    return answer;
  } catch (error) {
    say(/** @type {Error} */ (error).message);
    return null;
  }
}

/** Ask now, then each `ms`, and whenever one of the topics speaks. @param {() => unknown} ask @param {number} ms @param {(topic: string, hear: (data: any) => void) => () => void} listen @param {string[]} topics */
export function keep(ask, ms, listen, topics) {
  ask();
  const timer = setInterval(ask, ms);
  const quiet = ["hello", ...topics].map((topic) => listen(topic, () => ask()));
  return () => {
    clearInterval(timer);
    quiet.forEach((end) => end());
  };
}
