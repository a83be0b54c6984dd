import { assert, describe, it } from "@effect/vitest"
import { loaded } from "../support/loaded.ts"

describe("imports", () => {
  it("MCP, Effect's own toolkits and its Node parts are loaded when they are used, not before", () => {
    const urls = loaded(`
      const { Approval, Blocking, Mcp, Tool, ToolRegistry } = await import("effect-lm")
      const tool = Tool.make("tool", {}, () => 1)
      ToolRegistry.layerTools(tool)
      ToolRegistry.addMcp(Mcp.http({ url: "http://localhost:1/mcp" }))
      ToolRegistry.addMcp(Mcp.stdio({ command: "none" }))
      Blocking.module(new URL("file:///none.js"))("work")
      Approval.layerTerminal`)
    assert.isTrue(urls.some((url) => url.endsWith("/src/mcp/Mcp.ts")))
    const costly = urls.filter((url) =>
      /\/(Mcp|Rpc|Http|Toolkit|LanguageModel)\w*\.js$|platform-node|src\/mcp\/internal|node:(worker_threads|os|child)/
        .test(url)
    )
    assert.deepStrictEqual(costly, [])
  }, 20_000)
})
