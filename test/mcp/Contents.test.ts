/** Pictures, sounds and files that MCP servers give: how the model is told of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Audio, File, Image, Mcp, type Toolbox } from "effect-lm"
import { call, toolbox } from "./support/client.ts"
import { servingHttp } from "./support/http.ts"
import { tool } from "./support/messages.ts"

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const cat = Image.fromBase64(png)
const wav = Audio.fromDataUri("data:audio/wav;base64,UklGRgAAAABXQVZF")

describe("content that an MCP server gives", () => {
  const rows: ReadonlyArray<readonly [name: string, block: object, text: string, part?: unknown]> = [
    ["an image", { type: "image", data: png, mimeType: "image/png" }, "[image 1]", cat],
    ["an image that is called by another type", { type: "image", data: png, mimeType: "image/jpeg" }, "[image 1]", cat],
    ["an image without its type", { type: "image", data: png }, "[image 1]", cat],
    ["a recording", { type: "audio", data: "UklGRgAAAABXQVZF", mimeType: "audio/x-wav" }, "[recording 1]", wav],
    [
      "a resource in bytes",
      { type: "resource", resource: { uri: "file:///docs/a.pdf", mimeType: "application/pdf", blob: "JVBERi0xLjc=" } },
      "[file 1: a.pdf]",
      File.fromBase64("JVBERi0xLjc=", { name: "a.pdf" })
    ],
    [
      "a resource that is an image",
      { type: "resource", resource: { uri: "file:///cat.png", mimeType: "image/png", blob: png } },
      "[image 1]",
      cat
    ],
    ["no image", { type: "image", data: "?", mimeType: "image/png" }, "[image/png was left out: there are no bytes]"],
    [
      "an address, which is not fetched",
      { type: "resource_link", name: "a cat", uri: "https://x.y/cat.png" },
      "a cat: https://x.y/cat.png"
    ]
  ]
  for (const [name, block, said, part] of rows) {
    it.live(name, () =>
      Effect.gen(function*() {
        const result = { content: [{ type: "text", text: "See:" }, block] }
        const { url } = yield* servingHttp([tool("a")], (exchange) => exchange.answer(result))
        const box = yield* toolbox(Mcp.http({ url }))
        const observation = yield* call(box, "a")
        assert.strictEqual(observation.text, `See:\n${said}`)
        assert.deepStrictEqual<unknown>((observation as Toolbox.Success).parts, part === undefined ? undefined : [part])
      }))
  }

  it.live("stands beside what is structured", () =>
    Effect.gen(function*() {
      const result = { structuredContent: { n: 1 }, content: [{ type: "image", data: png, mimeType: "image/png" }] }
      const { url } = yield* servingHttp([tool("a")], (exchange) => exchange.answer(result))
      const observation = yield* call(yield* toolbox(Mcp.http({ url })), "a")
      assert.deepInclude(observation, { text: "[image 1]", value: { n: 1 }, parts: [cat] })
    }))
})
