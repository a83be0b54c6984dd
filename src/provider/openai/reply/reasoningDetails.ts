/**
 * The parts of a thought, as OpenRouter and MiniMax tell them beside its text: signed, in summary, or encrypted. Providers want
 * them back as they came, and refuse a request in which one is missing, or divided.
 *
 * In a stream a part comes in fragments: those of one `index` and `type` are one part. Its texts follow each other, or grow;
 * of its other members the last that says something counts.
 */
import { asString, isPresent, isRecord, type JsonRecord } from "../../../text/json/values.ts"
import { ToldText } from "./text/repeated.ts"

export class ReasoningDetails {
  private parts: Array<Part> = []
  /** The parts of a whole message, which are all of them. */
  private whole: ReadonlyArray<JsonRecord> | undefined

  /** Takes the parts of a whole message, or fragments of them. */
  push(told: ReadonlyArray<unknown>, whole: boolean): void {
    const records = told.filter(isRecord)
    if (whole) this.whole = records
    else for (const record of records) this.take(record)
  }

  /** All parts; nothing follows. */
  end(): ReadonlyArray<JsonRecord> {
    return this.whole ?? this.parts.map(({ members, texts }) => {
      for (const [name, text] of texts) {
        text.end()
        members[name] = text.text()
      }
      return members
    })
  }

  private take(fragment: JsonRecord): void {
    let part = this.parts.findLast((part, at) => continues(fragment, part.members, at === this.parts.length - 1))
    if (part === undefined) {
      part = { members: {}, texts: new Map() }
      this.parts.push(part)
    }
    const { members, texts } = part
    for (const [name, value] of Object.entries(fragment)) {
      if (typeof value === "string" && inPieces.has(name)) {
        const text = texts.get(name) ?? new ToldText()
        texts.set(name, text)
        members[name] = ""
        text.next(value, false)
      } else if (isPresent(value) || members[name] === undefined) members[name] = value
    }
  }
}

interface Part {
  readonly members: Record<string, unknown>
  readonly texts: Map<string, ToldText>
}

/** Whether the fragment is of the part. Without an index it can only be of the last. */
const continues = (fragment: JsonRecord, part: JsonRecord, isLast: boolean): boolean =>
  fragment["type"] === part["type"] && fragment["index"] === part["index"] &&
  (isLast || typeof fragment["index"] === "number") &&
  agree(fragment["id"], part["id"]) && agree(fragment["data"], part["data"]) &&
  agree(fragment["signature"], part["signature"])

const agree = (one: unknown, other: unknown): boolean => one === other || !isPresent(one) || !isPresent(other)

/** Members that are told in pieces. */
const inPieces: ReadonlySet<string> = new Set(["text", "summary"])

/** What can be read of the thought. */
export const textOf = (told: ReadonlyArray<unknown>): string =>
  told.map((part) => isRecord(part) ? asString(part["text"]) || asString(part["summary"]) : "").join("")
