/**
 * Requests that a server cannot serve, and servers that are not well.
 */
import type { Row } from "./row.ts"

export const requests: ReadonlyArray<Row> = [
  // Servers that answer everything with a success say so of a path that they do not have.
  {
    reason: "InvalidResponse",
    says: [
      /^(error:? )?(404:? ?)?(page |path |route |url |endpoint |resource )?not found\W{0,3}$/m,
      /unexpected endpoint|(unknown|no such|invalid) (request )?(url|endpoint|route|path)\b|cannot post \/|method not allowed/
    ],
    at: ["stream"],
    advice: "Check the base URL (most end in /v1)"
  },

  // A form of the reply, or of the messages, that the server cannot make a grammar or a prompt of: it never can.
  {
    reason: "InvalidRequest",
    says: [
      /\bgrammar\b.{0,60}(error|fail|invalid|not |un\w{1,20}|request)|(error|fail\w{0,10}|invalid|cannot|unable|could not|un\w{1,20}|empty) .{0,60}\bgrammar\b/,
      /json[ _-]?schema.{0,80}(error|fail|invalid|not |unsupported|unrecognized)|(error|fail\w{0,10}|invalid|cannot|unable|unsupported|unrecognized|bad) .{0,40}json[ _-]?schema/,
      /\bresponse_format\b|initialize samplers/
    ],
    // What the model wrote may be another thing the next time.
    unless: /generated|\boutput\b|\bmatch|conform|(fail\w{0,5} to|cannot) (accept|advance)|reject/,
    at: ["5xx", "stream"],
    advice:
      "The provider cannot hold the reply to this form: use an adapter that does not ask for it, such as ChatAdapter"
  },
  {
    reason: "InvalidRequest",
    says: [
      /\bjinja\b|template ?(error|exception)|roles must alternate|only supports single tool|\bat row \d{1,9}, column \d/
    ],
    at: ["5xx", "stream"]
  },
  // Some servers report what they do not support as a failure of their own.
  {
    reason: "InvalidRequest",
    kinds: ["not_supported", "not_implemented", "unsupported_parameter"],
    says: [
      /(not|n't|no longer|without)( \w{1,20})? support/,
      /unsupported|not implemented|requires? (the )?(flag )?`?--\w/
    ],
    at: [500, 501, "stream"]
  },
  {
    reason: "InvalidRequest",
    kinds: [
      "invalid_request_error",
      "invalid_request",
      "invalid_argument",
      "invalid_parameter",
      "invalid_parameter_error",
      "bad_request",
      "badrequesterror",
      "validation_error"
    ],
    at: [400, 422, 500, "stream"]
  },
  {
    reason: "Server",
    kinds: [
      "overloaded_error",
      "server_error",
      "service_unavailable",
      "internal_server_error",
      "modelnotreadyexception"
    ],
    says: [
      /temporarily unavailable|service unavailable|is (currently )?loading|getting ready for inference|has crashed/
    ],
    at: [400, 424]
  },
  { reason: "InvalidRequest", status: [400, 422] }
]
