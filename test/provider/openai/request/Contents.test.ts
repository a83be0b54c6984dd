/** Pictures, sounds and files of a user, beside text. */
import { assert, describe, it } from "@effect/vitest"
import * as LMContent from "effect-lm/lm/LMContent"
import { user } from "effect-lm/lm/LMRequest"
import { base64, body, link } from "../../support/bodies.ts"

describe("contents in the body of a request", () => {
  const contentOf = (...parts: ReadonlyArray<LMContent.Given>) => body({ messages: [user(parts)] }).messages[0]!.content

  it("text, pictures, sounds and files of a user, in their order", () => {
    assert.deepStrictEqual<unknown>(
      contentOf(
        LMContent.text("What is this?"),
        { _tag: "Image", source: link },
        { _tag: "Image", source: base64("image/png") },
        { _tag: "Audio", source: base64("audio/mpeg") },
        { _tag: "File", source: base64("application/pdf"), name: "a.pdf" },
        { _tag: "File", source: base64("application/pdf") },
        LMContent.text("Say it.")
      ),
      [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "https://x.test/a" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAA=" } },
        { type: "input_audio", input_audio: { data: "AAA=", format: "mp3" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAA=" } },
        { type: "file", file: { filename: "file.pdf", file_data: "data:application/pdf;base64,AAA=" } },
        { type: "text", text: "Say it." }
      ]
    )
  })

  it("parts that are all text are one text, and a picture alone needs none", () => {
    assert.strictEqual(contentOf(LMContent.text("Who "), LMContent.text("is it?")), "Who is it?")
    assert.deepStrictEqual<unknown>(contentOf({ _tag: "Image", source: link }), [
      { type: "image_url", image_url: { url: "https://x.test/a" } }
    ])
  })

  it("sounds by the names that the protocol has for them", () => {
    const formats = ["audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav", "audio/flac", "audio/ogg; codecs=opus"]
    const sent = formats.map((mediaType) => contentOf({ _tag: "Audio", source: base64(mediaType) }))
    assert.deepStrictEqual<unknown>(
      sent,
      ["mp3", "mp3", "wav", "wav", "flac", "ogg"].map((format) => [
        { type: "input_audio", input_audio: { data: "AAA=", format } }
      ])
    )
  })
})
