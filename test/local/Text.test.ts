/** From tokens to text: whole characters, up to a stop. */
import { assert, describe, it } from "@effect/vitest"
import * as Text from "../../src/local/internal/text.ts"
import { bytes, text as textOf } from "./support/fakeEngine.ts"

const engine = { detokenize: textOf }

const free = (stops: ReadonlyArray<string> = [], plain = false) => ({ _tag: "Free", stops, plain }) as const

/** What is shown of these tokens, each push by itself. */
const read = (reader: Text.TextReader, tokens: ReadonlyArray<number>) => {
  const shown = tokens.map((token) => reader.push(token))
  return { shown, texts: shown.map(({ stretches }) => stretches.map(({ text }) => text).join("")) }
}

describe("the text of tokens", () => {
  it("a character of several tokens comes when it is whole", () => {
    const { texts } = read(Text.make(engine, free(), [], []), bytes("é👍a"))
    assert.deepStrictEqual(texts, ["", "é", "", "", "", "👍", "a"])
  })

  it("bytes that become no character are shown sooner or later, and at the end", () => {
    const reader = Text.make(engine, free(), [], [])
    const { texts } = read(reader, [0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0])
    assert.deepStrictEqual(texts, ["", "", "", "", "", "\uFFFD".repeat(6)])
    assert.deepStrictEqual(reader.push(0xe2).stretches, [])
    assert.deepStrictEqual(reader.end(), [{ reasoning: false, text: "\uFFFD" }])
  })

  it("white space at the beginning is left out, of JSON nothing", () => {
    const { texts } = read(Text.make(engine, free(), [], []), bytes(" \n a b"))
    assert.strictEqual(texts.join(""), "a b")
    const json = read(Text.make(engine, { _tag: "Grammar", grammar: "" }, [], ["</s>"]), bytes(" </s>"))
    assert.strictEqual(json.texts.join(""), " </s>")
  })

  it("ends at a stop of the piece or of the chat template; neither is text", () => {
    for (const [stops, ends] of [[["END"], []], [[], ["END"]]] as const) {
      const reader = Text.make(engine, free(stops), [], ends)
      const { shown, texts } = read(reader, bytes("so END"))
      assert.strictEqual(texts.join(""), "so ")
      assert.deepStrictEqual(shown.map(({ found }) => found), [false, false, false, false, false, true])
      assert.deepStrictEqual(reader.end(), [])
      assert.strictEqual(reader.text(), "so ")
    }
  })

  it("what might have been a stop is shown at the end", () => {
    const reader = Text.make(engine, free(["END"]), [], [])
    assert.strictEqual(read(reader, bytes("so EN")).texts.join(""), "so ")
    assert.deepStrictEqual(reader.end(), [{ reasoning: false, text: "EN" }])
    assert.strictEqual(reader.text(), "so EN")
  })

  it("thoughts are told apart where the text is the whole reply", () => {
    const said = "<think>hm</think>\n\nYes"
    const reader = Text.make(engine, free([], true), [], [])
    const stretches = [...bytes(said).flatMap((token) => reader.push(token).stretches), ...reader.end()]
    const joined = (reasoning: boolean) =>
      stretches.filter((stretch) => stretch.reasoning === reasoning).map(({ text }) => text).join("")
    assert.strictEqual(joined(true), "hm")
    assert.strictEqual(joined(false), "Yes")
    assert.strictEqual(read(Text.make(engine, free(), [], []), bytes(said)).texts.join(""), said)
  })
})
