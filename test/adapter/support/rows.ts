/**
 * What the laws have to know of an adapter: one row each. How its replies are written is told here once more, and not by the
 * adapter.
 */
import type { Adapter } from "effect-lm/adapter/Adapter"
import * as Adapters from "effect-lm/adapter/Adapters"

/** A value as models write it: as JSON, and as running text where that is another. */
export interface Spelling {
  readonly json: string
  readonly bare?: string
}

export interface Row {
  readonly name: string
  readonly adapter: Adapter
  /** A reply that has these values. */
  readonly write: (values: Readonly<Record<string, unknown>>) => string
  /** A reply of fields that are written so. */
  readonly spell: (fields: ReadonlyArray<readonly [name: string, spelling: Spelling]>) => string
  /** What a text has to be for the form to be able to say it. */
  readonly sayable: (text: string) => string
  /** The form tells a text that says `null` from null. */
  readonly quotes: boolean
  /** The end of the last field has a mark. */
  readonly hasEnd: boolean
  /** A model can be held to the form, and is then asked in a plain prompt. */
  readonly isShaped: boolean
  /** A text as the form has it where it cannot be said: as it stands in an answer that is shown. */
  readonly shown?: (text: string) => string
}

const { chat, compact, json, plain, xml } = Adapters.builtIn

const tagged = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
const bare = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

const Chat: Row = {
  name: "Chat",
  adapter: chat,
  write: (values) =>
    `${
      Object.entries(values).map(([name, value]) => `[[ ## ${name} ## ]]\n${bare(value)}\n\n`).join("")
    }[[ ## completed ## ]]`,
  spell: (fields) => fields.map(([name, { bare, json }]) => `[[ ## ${name} ## ]]\n${bare ?? json}\n\n`).join(""),
  // It cannot quote a marker that is still to come at the start of a line; around running text there is no white space.
  sayable: (text) => text.replaceAll(/(^|[\r\n])([-\s>#+*\u2022_~`\\.)\d]*)\[/g, "$1$2x[").trim().toWellFormed(),
  quotes: false,
  hasEnd: true,
  isShaped: true,
  shown: (text) => text.replaceAll("[ ", "[")
}

const JSON_: Row = {
  name: "JSON",
  adapter: json,
  write: (values) => JSON.stringify(values, undefined, 2),
  spell: (fields) => `{${fields.map(([name, { json }]) => `"${name}": ${json}`).join(", ")}}`,
  sayable: (text) => text.toWellFormed(),
  quotes: true,
  hasEnd: true,
  isShaped: true
}

const Compact: Row = { ...JSON_, name: "Compact", adapter: compact }

const XML: Row = {
  name: "XML",
  adapter: xml,
  write: (values) =>
    Object.entries(values).map(([name, value]) => `<${name}>\n${tagged(bare(value))}\n</${name}>`).join("\n"),
  spell: (fields) => fields.map(([name, { bare, json }]) => `<${name}>${tagged(bare ?? json)}</${name}>\n`).join(""),
  sayable: (text) => text.trim().toWellFormed(),
  quotes: false,
  // What looks like the last closing tag may be content.
  hasEnd: false,
  isShaped: true
}

/** The rows of the adapters that have a form for several fields; a test says that none is forgotten. */
export const rows: ReadonlyArray<Row> = [Chat, JSON_, Compact, XML]

/** The adapters without one. */
export const formless: ReadonlyArray<Adapter> = [plain]
