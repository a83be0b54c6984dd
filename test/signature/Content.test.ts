/** Pictures, sounds and files as values: what makes them, what is refused, what JSON has of them. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Duration, Effect, Fiber, Result, Schema } from "effect"
import { Audio, ContentError, Field, File, Image, Signature } from "effect-lm"
import { TestClock } from "effect/testing"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as WireServer from "../support/wireServer.ts"

const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const png = new Uint8Array(Buffer.from(base64, "base64"))
const cat = Image.fromBase64(base64)
const ascii = (text: string) => new Uint8Array(Buffer.from(text, "latin1"))

const byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

/** Why something is no content. */
const reasonOf = (make: () => unknown): ContentError["reason"] => {
  const made = Result.try(make)
  const error = Result.isFailure(made) ? made.failure : made.success
  assert.instanceOf(error, ContentError)
  return (error as ContentError).reason
}

describe("an address", () => {
  it("is taken as it is, and nothing is fetched", () => {
    const url = "https://example.com/a%20cat.png?size=2#top"
    assert.deepStrictEqual(Image.fromUrl(` ${url}\n`), { _tag: "Image", source: { _tag: "Url", url } })
    assert.deepStrictEqual(Audio.fromUrl(new URL("gs://bucket/a.mp3"), { mediaType: "audio/mp3" }), {
      _tag: "Audio",
      source: { _tag: "Url", url: "gs://bucket/a.mp3", mediaType: "audio/mpeg" }
    })
    assert.deepStrictEqual(File.fromUrl(url, { name: "cat" }), {
      _tag: "File",
      source: { _tag: "Url", url },
      name: "cat"
    })
    assert.deepStrictEqual(Image.fromUrl(`data:image/png;base64,${base64}`), cat)
  })

  it("is no path, and no address of this machine's files", () => {
    for (const url of ["./cat.png", "/tmp/cat.png", "C:\\cat.png", "file:///tmp/cat.png", "blob:x", "cat", ""]) {
      assert.include(reasonOf(() => Image.fromUrl(url)).description, "read with Image.fromPath")
    }
    assert.strictEqual(reasonOf(() => Image.fromUrl("https://x.y", { mediaType: "audio/wav" }))._tag, "MediaType")
  })
})

describe("bytes", () => {
  const begins: ReadonlyArray<readonly [mediaType: string, begins: string]> = [
    ["image/png", "\x89PNG\r\n\x1a\n"],
    ["image/jpeg", "\xff\xd8\xff\xe0"],
    ["image/gif", "GIF89a"],
    ["image/webp", "RIFF\x01\x02\x03\x04WEBPVP8 "],
    ["image/avif", "\0\0\0\x1cftypavif"],
    ["image/heic", "\0\0\0\x1cftypheic"],
    ["image/svg+xml", "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"],
    ["audio/wav", "RIFF\x01\x02\x03\x04WAVEfmt "],
    ["audio/mpeg", "ID3\x04\0"],
    ["audio/mpeg", "\xff\xfb\x90\0"],
    ["audio/flac", "fLaC\0"],
    ["audio/ogg", "OggS\0"],
    ["audio/mp4", "\0\0\0\x20ftypM4A "],
    ["application/pdf", "%PDF-1.7\n"],
    ["application/zip", "PK\x03\x04"],
    ["text/html", "\n<!DOCTYPE html><html>"],
    ["text/plain", "a,b\n1,2\n"]
  ]

  for (const [mediaType, text] of begins) {
    it(`that begin as ${mediaType} does are that, and of its kind alone`, () => {
      assert.strictEqual(File.fromBytes(ascii(text)).source.mediaType, mediaType)
      for (const [prefix, make] of [["image/", Image.fromBytes], ["audio/", Audio.fromBytes]] as const) {
        const made = Result.try(() => make(ascii(text)))
        if (mediaType.startsWith(prefix)) assert.strictEqual(Result.getOrThrow(made).source.mediaType, mediaType)
        else assert.strictEqual(reasonOf(() => Result.getOrThrow(made))._tag, "MediaType")
      }
    })
  }

  it("of no known format have the media type that they are said to have", () => {
    const odd = Uint8Array.of(0, 1, 2)
    assert.include(reasonOf(() => Audio.fromBytes(odd)).description, "give their media type (audio/wav")
    assert.strictEqual(Audio.fromBytes(odd, { mediaType: "Audio/X-WAV; codecs=1" }).source.mediaType, "audio/wav")
    assert.include(
      reasonOf(() => Image.fromBytes(odd, { mediaType: "text/csv" })).description,
      "text/csv is the media type"
    )
    assert.include(
      reasonOf(() => File.fromBytes(odd, { mediaType: "pdf" })).description,
      "pdf is the media type of no File"
    )
  })

  it("are not said to be what they are not", () => {
    assert.include(
      reasonOf(() => Image.fromBytes(png, { mediaType: "image/jpeg" })).description,
      "image/png, and not image/jpeg"
    )
    assert.include(
      reasonOf(() => Image.fromBytes(ascii("%PDF-1.7"), { mediaType: "image/png" })).description,
      "application/pdf"
    )
    // A container says little of what it holds.
    const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert.strictEqual(File.fromBytes(ascii("PK\x03\x04"), { mediaType: docx }).source.mediaType, docx)
    assert.strictEqual(File.fromBytes(ascii("a,b"), { mediaType: "text/csv" }).source.mediaType, "text/csv")
    assert.strictEqual(Image.fromBytes(png, { mediaType: "image/apng" }).source.mediaType, "image/apng")
  })

  it("are as many as the limit says, which is 20 MiB", () => {
    assert.strictEqual(Image.maxBytes, 20 * 1024 * 1024)
    assert.deepStrictEqual(Image.fromBytes(png, { maxBytes: png.length }), cat)
    for (const make of [Image.fromBytes, () => Image.fromBase64(base64, { maxBytes: png.length - 1 })]) {
      const reason = reasonOf(() => make(png, { maxBytes: png.length - 1 }))
      assert.deepInclude(reason, { _tag: "TooLarge", maxBytes: png.length - 1 })
      assert.include(reason.description, "70 bytes are more than the limit of 69 bytes")
    }
    const large = new Uint8Array(Image.maxBytes + 1)
    large.set(png)
    assert.include(reasonOf(() => Image.fromBytes(large)).description, "20 MiB")
    assert.strictEqual(Image.fromBytes(large, { maxBytes: large.length }).source.mediaType, "image/png")
    assert.strictEqual(reasonOf(() => File.fromBytes(new Uint8Array()))._tag, "Malformed")
  })

  it.prop(
    "every bytes are the same in base64, in a data URI, and in JSON",
    { numbers: Arbitrary.array(Arbitrary.schema(byte), { minLength: 1, maxLength: 100 }) },
    ({ numbers }) => {
      const bytes = Uint8Array.from(numbers)
      const options = { mediaType: "application/x-test" }
      const file = File.fromBytes(bytes, options)
      const data = Buffer.from(bytes).toString("base64")
      assert.deepStrictEqual(file.source, { _tag: "Base64", data, mediaType: "application/x-test" })
      assert.deepStrictEqual(File.fromBytes(bytes.slice().buffer, options), file)
      assert.deepStrictEqual(File.fromBase64(data.replace(/(.{7})/g, "$1\r\n"), options), file)
      assert.deepStrictEqual(File.fromDataUri(`data:application/x-test;base64,${data}`), file)
      const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
      assert.deepStrictEqual(File.fromDataUri(`data:application/x-test,${escaped}`), file)
      const codec = Schema.fromJsonString(Schema.toCodecJson(File.File))
      assert.deepStrictEqual(Schema.decodeSync(codec)(Schema.encodeSync(codec)(file)), file)
    }
  )

  it("in what is no base64, or no data URI, are none", () => {
    for (const data of ["a", "ab!=", "====", "", "iVBORw0KGgo=AAAA"]) {
      assert.strictEqual(reasonOf(() => Image.fromBase64(data))._tag, "Malformed", data)
    }
    for (const uri of ["", "data:image/png", "https://x.y/z", base64]) {
      assert.strictEqual(reasonOf(() => Image.fromDataUri(uri))._tag, "Malformed", uri)
    }
    assert.strictEqual(Image.fromDataUri(`DATA:;base64,${encodeURIComponent(base64)}`).source.mediaType, "image/png")
  })
})

describe("a file of this machine", () => {
  const folder = Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "content-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

  it.effect("is read when the Effect runs, by a path or an address", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "a cat.png")
      const reading = [Image.fromPath(path), Image.fromPath(pathToFileURL(path))]
      writeFileSync(path, png)
      for (const read of reading) assert.deepStrictEqual(yield* read, cat)
      assert.deepStrictEqual(yield* File.fromPath(path), { _tag: "File", source: cat.source, name: "a cat.png" })
      assert.strictEqual((yield* File.fromPath(path, { name: "x.png" })).name, "x.png")
      assert.strictEqual((yield* Effect.flip(Audio.fromPath(path))).reason._tag, "MediaType")
    }))

  it.effect("that cannot be read, is none or is too large, says so", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = join(at, "cat.png")
      writeFileSync(path, png)
      execFileSync("mkfifo", [join(at, "pipe")])
      const reason = (name: string, options?: Image.BytesOptions) =>
        Effect.map(Effect.flip(Image.fromPath(join(at, name), options)), ({ reason }) => reason)
      assert.include((yield* reason("dog.png")).description, "there is no such file")
      assert.include((yield* reason(".")).description, "is no file")
      assert.include((yield* reason("pipe")).description, "is no file")
      assert.deepInclude(yield* reason("cat.png", { maxBytes: 10 }), { _tag: "TooLarge", maxBytes: 10 })
    }))
})

describe("what is at an address", () => {
  const serve = (body: Uint8Array, status = 200, type = "application/octet-stream"): WireServer.Handler => (exchange) =>
    Effect.gen(function*() {
      yield* exchange.head(status, { "content-type": type })
      yield* exchange.write(body)
      yield* exchange.end
    })

  it.live("is fetched when it is asked for: what it is, its bytes say, else the server", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make([
        serve(png, 200, "text/plain"),
        serve(Uint8Array.of(0, 1), 200, "audio/wav"),
        serve(png)
      ])
      assert.deepStrictEqual(yield* Image.fetch(`${server.url}/cat.png`), cat)
      assert.strictEqual((yield* Audio.fetch(new URL(server.url))).source.mediaType, "audio/wav")
      assert.strictEqual((yield* File.fetch(`${server.url}/a/cat.png?size=2`)).name, "cat.png")
    }))

  it.live("is none where the server says no, or nobody answers", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make([serve(png, 404), (exchange) => exchange.reset])
      const why = (url: string) => Effect.map(Effect.flip(Image.fetch(url)), ({ reason }) => reason.description)
      assert.include(yield* why(server.url), "the server answers with status 404")
      assert.include(yield* why(server.url), "an image cannot be fetched")
      assert.include(yield* why("./cat.png"), "has to begin with https://")
    }))

  it.live("is left where it is too large, or nobody wants it any more", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make((exchange) =>
        Effect.andThen(Effect.andThen(exchange.head(200), exchange.write(png)), exchange.closed)
      )
      const error = yield* Effect.flip(Image.fetch(server.url, { maxBytes: 69 }))
      assert.deepInclude(error.reason, { _tag: "TooLarge", maxBytes: 69 })
      yield* server.nextRequest
      yield* server.nextAbandoned
      const fiber = yield* Effect.forkChild(Image.fetch(server.url))
      yield* server.nextRequest
      yield* Fiber.interrupt(fiber)
      yield* server.nextAbandoned
    }))

  it.effect("is given up after 30 seconds, or what `timeout` says", () =>
    Effect.gen(function*() {
      for (const [seconds, options] of [[30, {}], [2, { timeout: "2 seconds" }]] as const) {
        let signal: AbortSignal | null | undefined
        const fetch: typeof globalThis.fetch = (_, init) => {
          signal = init?.signal
          return new Promise(() => {})
        }
        const fiber = yield* Effect.forkChild(Effect.flip(Image.fetch("https://x.test", { ...options, fetch })))
        yield* TestClock.adjust(Duration.seconds(seconds - 1))
        assert.isFalse(signal?.aborted)
        yield* TestClock.adjust("1 second")
        assert.include((yield* Fiber.join(fiber)).message, "it takes too long")
        assert.isTrue(signal?.aborted)
      }
    }))
})

describe("as an input", () => {
  const see = Signature.fromSchemas({
    inputs: {
      photo: Image.Image,
      more: Schema.optionalKey(Schema.Array(Image.Image)),
      paper: Schema.optionalKey(Schema.NullOr(File.File)),
      note: Schema.optionalKey(Schema.String)
    },
    outputs: { answer: Schema.String }
  })
  const issues = (read: Result.Result<unknown, ReadonlyArray<Field.FieldIssue>>) =>
    Result.isFailure(read) ? read.failure.map(({ message, path }) => [path.join("."), message]) : []
  // oxlint-disable-next-line typescript/no-explicit-any -- what no compiler has checked
  const given = (inputs: any) => issues(Signature.decodeInputs(see, inputs))
  const json = (inputs: unknown) => issues(Signature.decodeJsonInputs(see, inputs))

  it("is known to its field, whatever was made of the schema", () => {
    const of = (schema: Field.FieldSchema) => {
      const { contents, type } = Field.make("f", schema)
      return [type, contents]
    }
    assert.deepStrictEqual(of(Image.Image), ["Image", ["Image"]])
    assert.deepStrictEqual(of(Image.Image.annotate({ description: "d" })), ["Image", ["Image"]])
    assert.deepStrictEqual(of(Image.Image.check(Schema.makeFilter(() => true))), ["Image", ["Image"]])
    assert.deepStrictEqual(of(Schema.Array(File.File)), ["Array<File>", ["File"]])
    assert.deepStrictEqual(of(Schema.NullOr(Audio.Audio)), ["Audio | null", ["Audio"]])
    assert.deepStrictEqual(of(Schema.Union([Image.Image, File.File])), ["Image | File", ["Image", "File"]])
    assert.deepStrictEqual(of(Schema.Struct({ a: Schema.Record(Schema.String, Image.Image) })), [
      "{ a: Record<string, Image> }",
      ["Image"]
    ])
    assert.deepStrictEqual(of(Schema.Literals(["Image", "Audio"])), ["\"Image\" | \"Audio\"", []])
    assert.deepStrictEqual(of(Schema.Json), ["any", []])
  })

  it("may be an address or a data URI in JSON", () => {
    const url = "https://example.com/cat.png"
    const read = Signature.decodeJsonInputs(see, { photo: url, more: [`data:image/png;base64,${base64}`], paper: null })
    assert.deepStrictEqual(Result.getOrThrow(read), { photo: Image.fromUrl(url), more: [cat], paper: null })
    assert.deepStrictEqual(json({ photo: "./cat.png" }), [[
      "photo",
      "is no address (\"https://...\") and no data URI: a path is not read from JSON"
    ]])
    assert.deepStrictEqual(json({ photo: 1, more: [{ url }] }), [
      [
        "photo",
        "is a number and no Image: write its address (\"https://...\") or a data URI (\"data:...;base64,...\")"
      ],
      [
        "more.0",
        "is an object and no Image: write its address (\"https://...\") or a data URI (\"data:...;base64,...\")"
      ]
    ])
  })

  it("is no text and no bytes in a program: the issue says what to write", () => {
    const rows: ReadonlyArray<readonly [value: unknown, words: string]> = [
      [
        "https://example.com/cat.png",
        "is a string and no Image: write Image.fromUrl(\"https://...\"), or Image.fromBytes(bytes)"
      ],
      ["data:image/png;base64,", "is a string and no Image: write Image.fromDataUri(\"data:...\")"],
      [
        "./cat.png",
        "is a string and no Image: write yield* Image.fromPath(\"./...\") to read a file, or Image.fromUrl(\"https://...\")"
      ],
      [png, "is a Uint8Array and no Image: write Image.fromBytes(bytes)"],
      [Buffer.from(png), "is a Uint8Array and no Image: write Image.fromBytes(bytes)"],
      [new Blob([]), "is a Blob and no Image: write Image.fromBytes(await blob.arrayBuffer())"],
      [
        Audio.fromUrl("https://x.y/z"),
        "is an object with the _tag Audio and no Image: write Image.fromUrl(\"https://...\"), or Image.fromBytes(bytes)"
      ]
    ]
    for (const [value, words] of rows) {
      assert.deepStrictEqual(given({ photo: value }), [["photo", words]])
      assert.deepStrictEqual(given({ photo: cat, more: [cat, value] }), [["more.1", words]])
    }
    const wrong = { _tag: "Image", source: { _tag: "Base64", data: "AAAA", mediaType: "audio/wav" } }
    assert.match(given({ photo: wrong })[0]![1]!, /^audio\/wav is the media type of no Image/)
  })

  it("is looked at where somebody wrote it as data, in JSON and in a program, as a constructor would", () => {
    const refusals: ReadonlyArray<readonly [source: object, words: RegExp]> = [
      [{ _tag: "Url", url: "file:///etc/passwd" }, /^this is no address of an image/],
      [{ _tag: "Url", url: "./cat.png" }, /^this is no address of an image/],
      [{ _tag: "Url", url: `data:image/png;base64,${base64}` }, /^this is a data URI.*: Image\.fromDataUri makes it/],
      [{ _tag: "Url", url: "https://x.y/z", mediaType: "audio/wav" }, /^audio\/wav is the media type of no Image/],
      [{ _tag: "Base64", data: base64, mediaType: "image/jpeg" }, /^the bytes are image\/png, and not image\/jpeg/],
      [{ _tag: "Base64", data: "./cat", mediaType: "image/png" }, /^this is no base64/],
      [{ _tag: "Base64", data: "", mediaType: "image/png" }, /^this is no base64/]
    ]
    for (const [source, words] of refusals) {
      assert.match(json({ photo: { _tag: "Image", source } })[0]![1]!, words)
      assert.match(given({ photo: { _tag: "Image", source } })[0]![1]!, words)
    }
    for (const own of [cat, Image.fromUrl("gs://bucket/cat", { mediaType: "image/jpg" })]) {
      assert.deepStrictEqual([...json({ photo: own }), ...given({ photo: own })], [])
    }
  })

  it("is what to write in the place of bytes for a text", () => {
    for (const note of [png, Buffer.from("a"), new ArrayBuffer(1)]) {
      assert.match(
        given({ photo: cat, note })[0]![1]!,
        /^is an? \w+ and no text: write new TextDecoder\(\)\.decode\(bytes\), or make the input an Image, an Audio or a File/
      )
    }
  })

  it("is told to a model by its type, without how it is encoded", () => {
    const { jsonSchema } = see.inputFields[0]!
    assert.include(JSON.stringify(jsonSchema), "{\"type\":\"string\"}")
  })
})
