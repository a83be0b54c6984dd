/** How services say that they could not read what the model wrote, or answer a wrong path with a success. */
import { error, means } from "../../support/errors.ts"

means("InvalidResponse", "a tool call that the model wrote wrongly", [
  [500, error("Failed to parse tool call: unexpected end")],
  [
    400,
    error("Parsing failed. The model generated output that could not be parsed. Please adjust your prompt.", {
      code: "output_parse_failed"
    })
  ],
  [400, error("x", { code: "tool_use_failed" })],
  [
    400,
    error("Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.", {
      type: "invalid_request_error",
      code: "tool_use_failed",
      failed_generation: "<function=add>{\"a\": \"x\"}</function>"
    })
  ],
  [
    500,
    error("Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error", {
      code: 500,
      type: "server_error"
    })
  ],
  [500, { error: "error parsing tool call: raw='{\"a\":', err=unexpected end of JSON input" }],
  [400, error("tool call validation failed: attempted to call tool 'x' which was not in request.tools")],
  [500, error("Failed to parse input at pos 0: <tool_call>")],
  // A path that a server does not have, told with a success.
  ["stream", { error: "Unexpected endpoint or method. (POST /chat/completions)" }],
  ["stream", { error: "Not Found" }],
  ["stream", error("404 page not found")],
  ["stream", error("Invalid URL (POST /v1/v1/chat/completions)")]
])
