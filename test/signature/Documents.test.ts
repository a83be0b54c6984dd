/** Documents as data, and citations in them: where the words stand, and which are nowhere. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Citations, Document, Signature } from "effect-lm"

const tides = Document.make("The Moon pulls.\nSo does the Sun.", { title: "Tides" })
const notes = Document.make("# Notes\n\n“It’s the Moon” – she said.", { mediaType: "text/markdown" })

/** The words of a citation as they stand in its document. */
const wordsAt = (documents: ReadonlyArray<Document.Document>, { document, end, start }: Citations.Citation) =>
  documents[document]!.text.slice(start, end)

describe("Document", () => {
  it("is plain data, and JSON may have a text or an object in its place", () => {
    const { inputFields: [field] } = Signature.make("docs: list[Document] -> answer")
    assert.deepStrictEqual(
      Result.getOrThrow(field!.decode(["a", { text: "b", title: "B" }, { _tag: "Document", text: "c" }])),
      [
        Document.make("a"),
        Document.make("b", { title: "B" }),
        Document.make("c")
      ]
    )
    const json = Result.getOrThrow(field!.encode([tides, notes]))
    assert.deepStrictEqual(json, [tides, notes])
    assert.deepStrictEqual(Result.getOrThrow(field!.decode(JSON.parse(JSON.stringify(json)))), [tides, notes])
    assert.deepStrictEqual([field!.type, field!.hasDocuments], ["Array<Document>", true])
  })

  it("is a text: of a file's media type, and of no text, there is none", () => {
    const { inputFields: [field] } = Signature.make("doc: Document -> answer")
    assert.throws(() => Document.make("%PDF", { mediaType: "application/pdf" }), "the media type of a text")
    const issues = (result: Result.Result<unknown, ReadonlyArray<{ readonly message: string }>>) =>
      Result.getOrThrow(Result.flip(result)).map(({ message }) => message).join()
    assert.include(issues(field!.decode({ text: "", mediaType: "application/pdf" })), "make the input a File")
    assert.include(issues(field!.validate("text")), "is a string and no Document: write Document.make(text)")
    assert.include(issues(field!.validate([tides])), "is a list and no Document")
    assert.isTrue(Result.isFailure(field!.decode(3)))
  })

  it("is found anywhere in an input", () => {
    const { inputFields } = Signature.make(
      "a: { doc: Document, n: int }[], b?: Document | None, c: dict[str, str] -> answer"
    )
    assert.deepStrictEqual(inputFields.map(({ hasDocuments, type }) => [hasDocuments, type]), [
      [true, "Array<{ doc: Document; n: integer }>"],
      [true, "Document | null"],
      [false, "Record<string, string>"]
    ])
  })
})

describe("Citations", () => {
  it("have the place of their words, which may be written in another way", () => {
    const cited = Result.getOrThrow(Citations.place([tides, notes], [
      { text: "The Moon pulls.", document: 0 },
      { text: "pulls. So  does", document: 0 },
      { text: "\"It's the Moon\" - she", document: 1 },
      { text: "N·otes", document: 1 },
      { text: "s", document: 0, start: 22 },
      { text: "s", document: 0, start: 3 }
    ]))
    assert.deepStrictEqual(cited[0], { text: "The Moon pulls.", document: 0, title: "Tides", start: 0, end: 15 })
    assert.deepStrictEqual(cited.map((citation) => wordsAt([tides, notes], citation)), [
      "The Moon pulls.",
      "pulls.\nSo does",
      "“It’s the Moon” – she",
      "Notes",
      "s",
      "s"
    ])
    assert.deepStrictEqual(cited.slice(4).map(({ start }) => start), [22, 13])
  })

  it("that are nowhere are issues, all of them by path", () => {
    const place = (documents: ReadonlyArray<Document.Document>, ...citations: ReadonlyArray<Citations.Words>) =>
      Result.getOrThrow(Result.flip(Citations.place(documents, citations)))
    assert.deepStrictEqual(
      place(
        [tides, notes],
        { text: "The Moon", document: 0 },
        { text: "The Moon pushes", document: 0 },
        { text: "the Moon” –", document: 0 },
        { text: "Moon", document: 2 },
        { text: " \n ", document: 1 }
      ),
      [
        { path: [1, "text"], message: "is not in document 0: cite its words exactly as they stand there" },
        { path: [2, "text"], message: "is not in document 0, but in document 1" },
        { path: [3, "document"], message: "is 2, and the documents are 0 to 1" },
        { path: [4, "text"], message: "is not in document 1: cite its words exactly as they stand there" }
      ]
    )
    assert.deepStrictEqual(place([], { text: "a", document: 0 })[0]!.message, "cites a document, and none was given")
    assert.deepStrictEqual(
      place([tides], { text: "a", document: -1 })[0]!.message,
      "is -1, and the documents are 0 alone"
    )
  })

  const Letter = Schema.Literals(["a", "b", " ", "\n", "’", "'", "·", "–", "😀", "\u00a0", "\""])
  it.prop(
    "every piece of every text is found, however its space is written",
    { text: Schema.Array(Letter), from: Schema.Int, length: Schema.Int },
    ({ from, length, text: letters }) => {
      const text = letters.join("")
      const start = Math.abs(from) % (text.length + 1)
      const words = text.slice(start, start + 1 + (Math.abs(length) % 8))
      if (words.replaceAll(/[\s·]/g, "") === "") return
      const document = Document.make(text)
      const [exact] = Result.getOrThrow(Citations.place([document], [{ text: words, document: 0 }]))
      assert.strictEqual(wordsAt([document], exact!), words)
      const [near] = Result.getOrThrow(
        Citations.place([document], [{ text: ` ${words.replaceAll(/\s/g, "  ").replaceAll("’", "'")} `, document: 0 }])
      )
      const same = (text: string) => text.replaceAll(/[\s·]/g, "").replaceAll("’", "'").replaceAll("–", "-")
      assert.strictEqual(same(wordsAt([document], near!)), same(words))
      assert.strictEqual(wordsAt([document], near!).trim(), wordsAt([document], near!))
    },
    { arbitrary: { runs: 300, size: 12, seed: 1 } }
  )

  it("a property of any schema that is readOnly is the program's to set, if it may be left out", () => {
    const { outputFields: [field] } = Signature.fromSchemas({
      inputs: {},
      outputs: {
        row: Schema.Struct({
          id: Schema.Int.annotate({ readOnly: true }),
          at: Schema.optionalKey(Schema.String.annotate({ readOnly: true })),
          name: Schema.String
        })
      }
    })
    assert.strictEqual(field!.type, "{ id: integer; name: string }")
    assert.deepStrictEqual(Object.keys(field!.jsonSchema["properties"] as object), ["id", "name"])
    assert.deepStrictEqual(field!.jsonSchema["required"], ["id", "name"])
  })

  it("say to the model only what it is to write", () => {
    const { outputFields: [field] } = Signature.make("doc: Document -> sources: Citations")
    assert.strictEqual(field!.type, "Array<{ text: string; document: integer }>")
    assert.deepInclude(field!.jsonSchema["items"], { required: ["text", "document"] })
    assert.notInclude(JSON.stringify(field!.jsonSchema), "start")
    const cited = Result.getOrThrow(Citations.place([tides], [{ text: "Moon", document: 0 }]))
    assert.deepStrictEqual(Result.getOrThrow(Result.flatMap(field!.encode(cited), field!.decode)), cited)
  })
})
