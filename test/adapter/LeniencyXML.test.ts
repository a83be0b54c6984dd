/** Leniency under XML. */
import { Schema } from "effect"
import { check, type Row, str } from "./leniency.ts"

const rows: ReadonlyArray<Row> = [
  {
    kind: "an element that is not closed, and has another field's in it",
    adapter: "XML",
    outputs: { answer: str, note: Schema.NullOr(str) },
    reply: "<answer>Paris\n<note>foo</note>"
  }
]

check(rows)
