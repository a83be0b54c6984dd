/** Fetches a web page, within limits: public addresses only, so many bytes of text, so many seconds. */
import { Schema } from "effect"
import { Tool } from "effect-lm"
import { fetchPageFrom, internet, maxBytes } from "../support/page.ts"

export const fetchPage = Tool.make("fetch_page", {
  description: `The text of a web page; of a long one the first ${maxBytes} bytes`,
  parameters: { url: Schema.String.annotate({ description: "http or https" }) },
  success: Schema.Struct({ url: Schema.String, text: Schema.String, isWhole: Schema.Boolean }),
  timeout: "20 seconds",
  concurrency: 8
}, ({ url }, { signal }) => fetchPageFrom(internet)(url, signal))
