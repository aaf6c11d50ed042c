// What a room answered to a command, and why it refused.

import { t } from "./words.js";

/** Tone and shape of a stage. @type {Record<string, [string, string]>} */
export const STAGE = { sent: ["", "…"], accepted: ["", "◔"], done: ["good", "✓"], refused: ["warn", "✕"], failed: ["bad", "■"], expired: ["warn", "?"], unanswered: ["warn", "?"] };

/** The reason in words; "" = there is none to tell. @param {{ stage: string, code: string, told: unknown[] }} order */
export function why({ stage, code, told }) {
  if (code === "" || code === stage) return "";
  const said = t(`reply.${code}`, ...told);
  return said === `reply.${code}` ? t(code, ...told) : said;
}
