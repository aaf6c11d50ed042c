// One command from a button: what was refused is said beside it, what was ordered is not yet done.

import { post } from "./api.js";
import { t } from "./words.js";

/** @param {string} path @param {unknown} body @param {(text: string) => void} say */
export async function act(path, body, say) {
  try {
    await post(path, body);
    say(t("page.live.sent"));
  } catch (error) {
    say(/** @type {Error} */ (error).message);
  }
}

/** What is stored is said (`done`, else "saved") and asked anew, what is refused is said. The answer; null = refused. @param {Promise<any>} doing @param {(text: string) => void} say @param {() => unknown} ask @param {string} [done] */
export async function saved(doing, say, ask, done) {
  try {
    const answer = await doing;
    say(done ?? t("page.people.saved"));
    await ask();
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
