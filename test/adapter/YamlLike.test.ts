/** An adapter of a form of its own, from outside and with public imports only: the laws hold for it as for those that there are. */
import { assert, describe, it } from "@effect/vitest"
import { Adapter, type Field, Form, type Scanner, Signature } from "effect-lm"
import { rows } from "../support/said.ts"
import { decodeEverySplit, valuesOf } from "./support/decode.ts"
import { formLaws } from "./support/formLaws.ts"
import { laws } from "./support/laws.ts"
import type { Row } from "./support/rows.ts"

// The form: `name: value`, where a text that has lines is a block, and other kinds are JSON

const line = (name: string, text: string, kind: Field.Field["kind"]): string =>
  kind === "json" || isPlain(text) ? `${name}: ${text}` : `${name}: |\n${indented(text)}`

/** A text that means itself when it stands behind a name. */
const isPlain = (text: string): boolean => text !== "" && text === text.trim() && !/^\||\n|^(?:null|None)$/.test(text)

const indented = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n")

const form: Form.Form = {
  reply: (outputs) =>
    "Reply with these fields, in this order. A text of more than one line is a block: `|` behind the colon, and each line " +
    `indented by two spaces.\n\n${outputs.map((field) => `${field.name}: {${Form.hintOf(field)}}`).join("\n")}`,
  input: line,
  output: (values) => values.map(({ kind, name, text }) => line(name, text, kind)).join("\n"),
  // A field begins at the start of a line, where no input's text stands.
  inert: () => (text) => text
}

/** Keeps back the beginning of a line, as long as it may be a name or an indentation. */
class YamlScanner implements Scanner.Scanner {
  readonly #outputs: ReadonlyArray<string>
  readonly #inputs: ReadonlyArray<string>
  /** Where the next character stands: at the start of a line, behind a name, in the rest of a line, behind the reply. */
  #at: "start" | "head" | "rest" | "over" = "start"
  #field: "none" | "block" | "text" = "none"
  #name = ""
  #held = ""
  /** Line breaks, which belong to the field if more of it follows. */
  #breaks = ""

  constructor({ inputFields, outputFields }: Signature.Any) {
    this.#outputs = outputFields.map(({ name }) => name)
    this.#inputs = inputFields.map(({ name }) => name)
  }

  push(text: string, sink: Scanner.Sink): void {
    for (const character of text) {
      if (this.#at === "start") this.#start(character, sink)
      else if (this.#at === "head") this.#head(character, sink)
      else if (this.#at === "rest") this.#rest(character, sink)
    }
  }

  end(sink: Scanner.Sink): void {
    if (this.#at === "head") this.#open(this.#held.includes("|") ? "block" : "text", sink)
    else if (this.#at === "start" && this.#held.trim() !== "") this.#write(this.#held, sink)
  }

  #start(character: string, sink: Scanner.Sink): void {
    if (character === "\n") {
      // An empty line needs no indentation.
      if (this.#held.trim() !== "") this.#write(this.#held, sink)
      this.#held = ""
      this.#breaks += "\n"
      return
    }
    this.#held += character
    const name = character === ":" ? this.#held.slice(0, -1) : ""
    if (this.#outputs.includes(name)) {
      this.#name = name
      this.#held = this.#breaks = ""
      this.#at = "head"
    } else if (this.#field !== "none" && this.#inputs.includes(name)) {
      // The model plays the next turn.
      this.#at = "over"
    } else if (this.#field === "block" && this.#held === "  ") this.#goOn("", sink)
    else if (!this.#mayBegin()) this.#goOn(this.#held, sink)
  }

  #mayBegin(): boolean {
    return (this.#field === "block" && this.#held === " ") ||
      [...this.#outputs, ...this.#inputs].some((name) => `${name}:`.startsWith(this.#held))
  }

  #goOn(text: string, sink: Scanner.Sink): void {
    this.#write(text, sink)
    this.#held = ""
    this.#at = "rest"
  }

  #rest(character: string, sink: Scanner.Sink): void {
    if (character !== "\n") return this.#write(character, sink)
    this.#breaks += "\n"
    this.#at = "start"
  }

  #head(character: string, sink: Scanner.Sink): void {
    this.#held += character
    if (/^[ \r]*(?:\|[-+]?[ \r]*)?$/.test(this.#held)) return
    const isBlock = /\|[-+]?[ \r]*\n$/.test(this.#held)
    const text = this.#held
    this.#open(isBlock ? "block" : "text", sink)
    this.#at = isBlock ? "start" : "rest"
    if (!isBlock) this.push(text, sink)
  }

  #open(field: "block" | "text", sink: Scanner.Sink): void {
    sink.open(this.#name, { bare: field === "text" })
    this.#field = field
    this.#held = ""
  }

  #write(text: string, sink: Scanner.Sink): void {
    if (this.#field !== "none") sink.write(this.#breaks + text)
    this.#breaks = ""
  }
}

const YamlLike = Adapter.fromForm({ name: "YamlLike", form, scanner: (signature) => new YamlScanner(signature) })

// The laws

const row: Row = {
  name: "YamlLike",
  adapter: YamlLike,
  write: (values) =>
    Object.entries(values).map(([name, value]) =>
      typeof value === "string" ? `${name}: |\n${indented(value)}\n` : `${name}: ${JSON.stringify(value)}\n`
    ).join(""),
  spell: (fields) => fields.map(([name, { bare, json }]) => `${name}: ${bare ?? json}\n`).join(""),
  sayable: (text) => text.toWellFormed(),
  quotes: true,
  hasEnd: false,
  isShaped: false
}

laws(row)
formLaws(row)

describe("a YAML-like reply", () => {
  const signature = Signature.make("question -> title, items: list[int], answer")
  const read = (reply: string) => valuesOf(decodeEverySplit(YamlLike, signature, reply))

  it("as models write it: blank lines without indentation, lists over lines, text around it, a turn that is made up", () => {
    assert.deepStrictEqual(
      read(
        "Sure:\ntitle: On tides\nitems: [\n  1,\n  2\n]\nanswer: |-\n  a\n\n    b: c\n  title: no\n\nquestion: And?\n"
      ),
      { title: "On tides", items: [1, 2], answer: "a\n\n  b: c\ntitle: no" }
    )
  })

  it("a question, an example and a reply are written so", () => {
    const { messages } = YamlLike.format({
      signature,
      inputs: { question: "Why?\nanswer: 42" },
      demos: [{ inputs: { question: "?" }, outputs: { title: "null", items: [1], answer: " x" } }],
      config: {}
    })
    assert.deepStrictEqual(rows(messages.slice(1)), [
      ["user", "question: ?"],
      ["assistant", "title: |\n  null\nitems: [1]\nanswer: |\n   x"],
      [
        "user",
        "question: |\n  Why?\n  answer: 42\n\nReply in the form that you were told, with `title`, then `items`, then `answer`."
      ]
    ])
  })
})
