/** What no compiler sees in plain JavaScript is a sentence when it is made. */
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { Mcp } from "effect-lm"
import { unchecked } from "../support/unchecked.ts"

const http = (options: object) => () => Mcp.http(unchecked({ url: "http://localhost", ...options }))
const stdio = (options: object) => () => Mcp.stdio(unchecked({ command: "x", ...options }))

describe("what is made of something else is refused, in a sentence", () => {
  const rows: ReadonlyArray<readonly [name: string, make: () => unknown, sentence: RegExp]> = [
    ["no URL", () => Mcp.http(unchecked({})), /^`url` is undefined: it is a URL, as "https:/],
    ["headers", http({ headers: ["a"] }), /^`headers` is a list: it is an object of strings$/],
    [
      "a header",
      http({ headers: { key: undefined } }),
      /^`headers\.key` is undefined: it is a string, or Redacted/
    ],
    [
      "a header of two lines",
      http({ headers: { authorization: "Bearer s3cret\nx" } }),
      /^the header "authorization" of Mcp\.http cannot be sent in an HTTP header: it has a line break(?!.*s3cret)/
    ],
    [
      "a secret header of other letters",
      http({ headers: { "x-key": Redacted.make("s3cret\u2026") } }),
      /^the header "x-key" of Mcp\.http cannot be sent in an HTTP header: .*not Latin-1(?!.*s3cret)/
    ],
    [
      "a header of the connection",
      http({ headers: { "Content-Length": "3" } }),
      /^the header "Content-Length" of Mcp\.http is one that the connection itself sets/
    ],
    [
      "a header of no name",
      http({ headers: { "": "x" } }),
      /^the header "" of Mcp\.http has no name that a header can/
    ],
    [
      "a header of an odd name",
      http({ headers: { "x key:": "x" } }),
      /^the header "x key:" of Mcp\.http has no name that a header can have: letters, digits and '-'/
    ],
    [
      "a URL without its scheme",
      http({ url: "localhost:3000/mcp?key=s3cret" }),
      /^`url` has to begin with http:\/\/ or https:\/\/: write http:\/\/localhost:3000\.\.\. or https:/
    ],
    ["a host", http({ url: "example.com/mcp" }), /: write http:\/\/example\.com\.\.\. or https:/],
    ["a host and a port", http({ url: "127.0.0.1:3000" }), /: write http:\/\/127\.0\.0\.1:3000\.\.\. or/],
    [
      "a URL of something else",
      http({ url: new URL("file:///mcp") }),
      /begin with http:\/\/ or https:\/\/, as "https:/
    ],
    ["a prefix", http({ prefix: 3 }), /^`prefix` is a number: it is a string$/],
    ["tools of a server", http({ tools: "a" }), /^`tools` is a string: it is a list of strings$/],
    [
      "a policy",
      http({ policy: {} }),
      /^`policy` is an object: it is a function of a tool, as \(\{ name \}\)/
    ],
    ["a time to connect", http({ timeout: null }), /^`timeout` is null: it is a duration/],
    [
      "no command",
      () => Mcp.stdio(unchecked({})),
      /^`command` is undefined: it is the name of a program/
    ],
    ["an empty command", stdio({ command: "" }), /^`command` is a string: it is the name of a program/],
    ["arguments", stdio({ args: "-y" }), /^`args` is a string: it is a list of strings$/],
    ["an argument", stdio({ args: ["-p", 3000] }), /^`args\[1\]` is a number: it is a string$/],
    [
      "a variable",
      stdio({ env: { KEY: undefined } }),
      /^`env\.KEY` is undefined: it is a string, or Redacted/
    ],
    ["a folder", stdio({ cwd: new URL("file:///") }), /^`cwd` is a URL: it is a string$/],
    [
      "Headers",
      http({ headers: new Headers({ key: "a" }) }),
      /^`headers` is a Headers: it is an object of strings; write Object\.fromEntries\(\.\.\.\) to make one/
    ],
    [
      "a Map of variables",
      stdio({ env: new Map([["KEY", "a"]]) }),
      /^`env` is a Map: it is an object of strings; write Object\.fromEntries\(/
    ]
  ]
  for (const [name, make, sentence] of rows) {
    it(name, () => assert.throws(make, TypeError, sentence))
  }
})
