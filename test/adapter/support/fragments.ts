/** What is hard to tell from a format, and the signature that most laws are tried with. */
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"

export const signature = Signature.make("question -> title, note: str | None, tags: list[str], score: float, answer")

/** What is hard to tell from the format, in pieces that values are made of. */
const Fragment = Schema.Literals([
  "a",
  "Hi there",
  " ",
  "   ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\u00a0",
  "[",
  "]",
  "[[",
  "]]",
  "[[ ##",
  " ## ]]",
  "[[ ## title ## ]]",
  "[[ ## answer ## ]]",
  "[[ ## other ## ]]",
  "[[ ## completed ## ]]",
  "[[completed]]",
  "*",
  "**",
  "#",
  "{",
  "}",
  "{\"answer\": \"no\"}",
  "\"",
  "\", \"answer\": \"",
  "'",
  "\\",
  "\\n",
  "\\u00e9",
  ",",
  ":",
  "<",
  ">",
  "</",
  "<answer>",
  "</answer>",
  "</title>",
  "<b>",
  "&",
  "&amp;",
  "&lt;",
  "&#x41;",
  ";",
  "<![CDATA[",
  "]]>",
  "```",
  "```json\n",
  "null",
  "None",
  "nul",
  "answer: ",
  "\nanswer: |\n  ",
  "title:",
  "日本",
  "👍🏽",
  "\ud83d",
  "\ude00"
])
export const Text = Schema.Array(Fragment)
export const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))).check(
  Schema.isMinLength(1)
)
