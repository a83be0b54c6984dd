/** How services say that the request is wrong, or asks for something that they do not have. */
import { user } from "effect-lm/lm/LMRequest"
import { error, means } from "../../support/errors.ts"

means("InvalidRequest", "a request that is not accepted", [
  [400, error("logit_bias: token 99999 is out of range")],
  [400, error("Invalid 'metadata': object has too many keys, maximum 16")],
  [400, error("The response_format schema is too large. Maximum 1000 properties")],
  [400, error("grammar is too large")],
  [400, error("Conversation roles must alternate user/assistant/user/assistant/...")],
  [400, error("Missing `reasoning_content` field in the assistant message at message index 3.")],
  [400, error("Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9.")],
  [
    400,
    error("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
  ],
  [400, error("User location is not supported for the API use.", { status: "FAILED_PRECONDITION" })],
  [400, error("n must be 1")],
  [400, error("Developer instruction is not enabled for models/gemma-3-27b-it")],
  [400, error("Function calling is not enabled for models/gemma-3")],
  [
    400,
    error("Invalid JSON payload received. Unknown name \"foo\": Cannot find field.", { status: "INVALID_ARGUMENT" })
  ],
  [400, error("messages.1.content.0: `tool_use_id` field required")],
  [400, error("tool_use ids were found without tool_result blocks immediately after: call_0.")],
  [400, error("tool_choice may only be specified while providing tools.")],
  [400, error("stream_options is only allowed when stream is true")],
  [400, error("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")],
  [400, error("Thinking budget must be less than max_tokens")],
  [400, error("Invalid image: the image data you provided does not represent a valid image")],
  [400, error("This model does not support image inputs")],
  [400, error("Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user'.")],
  [400, error("Error while downloading https://a.example/b.png. Upstream status code: 404")],
  [400, error("Failed to fetch the image: HTTP 403 Forbidden")],
  ["stream", error("x does not support tools", { type: "api_error" })],
  [500, { error: { code: 500, message: "\"tools\" is not supported" } }],
  [415, error("Unsupported Media Type")],
  [405, error("Method Not Allowed")],
  [400, error("Invalid 'input': the message is empty")],
  [400, error("you must provide a model parameter")],
  [400, error("'model' is a required property")],
  [400, error("stop: maximum number of stop sequences is 4")],
  [400, error("tools.0.name: String should match pattern")],
  [400, error("Unrecognized request argument supplied: foo")],
  [
    400,
    error(
      "Invalid schema for function 'x': In context=(), 'additionalProperties' is required to be supplied and to be false."
    )
  ],
  [400, error("image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes")],
  [400, error("Too many images in request: limit is 20")],
  [
    400,
    error(
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
    )
  ],
  [
    400,
    error(
      "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 100 instead.",
      { code: "string_above_max_length" }
    )
  ],
  [400, error("messages: text content blocks must be non-empty")],
  [
    400,
    error(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported."
    )
  ],
  [400, error("max_tokens exceeds the limit of 8192")],
  [400, error("Invalid 'max_output_tokens': integer below minimum value.")],
  [400, error("The maximum tokens you requested exceeds the maximum: max_tokens is too large: 99999")],
  [400, error("max_completion_tokens is too large: this model supports at most 65536 completion tokens")],
  [400, error("max_tokens must be at least 1, got 0.")],
  [
    400,
    error(
      "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000."
    )
  ],
  [
    400,
    error(
      "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022"
    )
  ],
  [
    400,
    error(
      "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model"
    )
  ],
  [400, error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]")],
  [
    400,
    error(
      "Unable to submit request because it has a maxOutputTokens value of 65536 but the supported range is from 1 (inclusive) to 8193 (exclusive)."
    )
  ],
  [
    400,
    error(
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 200 instead.",
      { code: "array_above_max_length" }
    )
  ],
  [400, error("Request exceeds the maximum number of tools: 128")],
  [
    429,
    error(
      "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 50000. The input or output tokens must be reduced in order to run successfully.",
      { code: "rate_limit_exceeded", type: "tokens" }
    )
  ],
  [
    413,
    error(
      "Request too large for model `llama` in organization `org` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 8000, please reduce your message size and try again.",
      { code: "rate_limit_exceeded", type: "tokens" }
    )
  ],
  [500, error("tools param requires --jinja flag", { code: 500, type: "server_error" })],
  [501, error("This server does not support tools.", { code: 501, type: "not_supported_error" })],
  ["stream", error("Tool calling is not supported by this model")],
  [422, {
    detail: [{ loc: ["body", "messages", 0, "content"], msg: "field required", type: "value_error.missing" }]
  }],
  [422, { detail: "bad thing" }],
  [500, error("bad", { code: "400" })],
  ["stream", error("bad", { type: "invalid_request_error" })],
  [500, error("Failed to parse grammar", { type: "server_error" })],
  [500, { error: { code: 500, message: "failed to parse grammar", type: "server_error" } }],
  [400, error("Failed to initialize samplers: failed to parse grammar")],
  [500, error("Failed to initialize samplers: Unexpected empty grammar stack after accepting piece: <think>")],
  [500, error("JSON schema conversion failed:\nUnrecognized schema: {\"not\": {}}")],
  [500, error("JSON schema conversion failed: Unsupported ref")],
  [500, error("The provided JSON schema contains features not supported by xgrammar.")],
  [500, error("Grammar error: Unimplemented keys: [\"propertyNames\"]")],
  [500, error("Grammar error: Unknown format: uri")],
  [500, error("Failed to convert the grammar from GBNF to Lark")],
  [500, error("Request uses response_format, which is unsupported")],
  [500, error("'response_format' is not supported by this model")],
  [500, error("invalid JSON schema in format", { type: "api_error" })],
  [500, { error: "invalid JSON schema in format" }],
  [500, error("Cannot compile regex / grammar: EBNF compile error")],
  [500, error("failed to compile JSON schema")],
  [500, error("Invalid grammar request with cache hit=False: ('json', '{}')")],
  [422, error("Input validation error: grammar is not supported")],
  [500, { error: "Grammar compilation error: x", error_type: "validation" }],
  [500, error("Jinja Exception: System message must be at the beginning", { type: "server_error", code: 500 })],
  [500, error("Conversation roles must alternate user/assistant/user/assistant/...; TemplateError")],
  [500, error("Error rendering prompt with jinja template: \"No user query found in messages.\"")],
  [400, error("'response_format.type' must be 'json_schema' or 'text'")],
  [400, error("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.")],
  [
    400,
    error(
      "This model does not support response format `json_schema`. See supported models at https://console.groq.com/docs/structured-outputs#supported-models"
    )
  ],
  [400, error("This response_format type is unavailable now")],
  [400, error("model features structured outputs not support")],
  [400, { message: "The model returned the following errors: output_config.format: unsupported" }],
  [400, error("Model does not support function calling")],
  [400, error("This model does not support tools")],
  [400, error("`tool_choice` is not supported by this model")],
  [400, error("Model x does not support the `reasoning_effort` parameter")],
  [400, error("Value error, the `stop` parameter is not supported by this model")],
  [400, error("Parameter 'n' is not supported for model gpt-x")],
  [400, error("temperature is not supported with this model")],
  [500, error("This model only supports single tool-calls at once!")],
  [400, error("In order to use tools with this model, the server has to be started with --jinja")],
  [400, error("In the context of tool calls, 'name' is required")],
  [400, error("Invalid context: unknown variable")],
  [400, error("context_management is not supported")],
  [400, error("`context` is not a valid field")],
  [400, error("The 'context' cache id does not exist")],
  [
    400,
    error(
      "Invalid schema for response_format 'r': In context=('properties', 'x'), 'required' is required to be supplied and to be an array including every key"
    )
  ],
  [400, error("Invalid value for 'content': expected a string, got null")],
  [400, error("function name is too long: 70 > 64")],
  [400, error("description is too long. Maximum 1024 characters")],
  [400, error("The string in metadata exceeds the maximum length of 512")],
  [400, error("Too many tools: exceeds the limit of 128")],
  [
    400,
    error(
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead."
    )
  ],
  [
    400,
    error(
      "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 70 instead."
    )
  ],
  [
    400,
    error(
      "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 60 instead.",
      { code: "string_above_max_length" }
    )
  ],
  [
    400,
    error("Invalid 'messages[0].name': string too long. Expected a string with maximum length 64", {
      code: "string_above_max_length"
    })
  ],
  [400, error("Image size exceeds the maximum limit of 20 MB")],
  [400, error("number of repetitions exceeds sane defaults")],
  [400, error("n must be at most 1 for this model: exceeds the limit")],
  [400, error("budget_tokens must be less than max_tokens")],
  [400, error("max_tokens 9000 exceeds maximum output tokens 8192")],
  [400, error("The total number of properties exceeds the limit of 5000")],
  [400, error("logprobs: the limit is 20, you requested 50")],
  [400, error("safety_settings: unknown field")],
  [400, error("Invalid value for 'safety_identifier'")],
  [400, error("moderation is not a valid parameter")],
  [400, error("content_filter is not a known parameter")],
  [400, error("Failed to download image: Access denied")],
  [400, error("The number of stop tokens 5 > 4")],
  [400, error("The prompt may not hold any credit card numbers", {})],
  [400, error("`temperature` is deprecated for this model.")],
  [400, error("`top_k` and the model parameter are not supported together")],
  [400, error("image input for model x is not supported")],
  [400, error("audio in this model is not supported")],
  [400, error("messages: roles must alternate")],
  [
    502,
    error("Provider returned error", {
      code: 502,
      metadata: { raw: JSON.stringify(error("Invalid value for 'temperature'", { code: 400 })) }
    })
  ],
  [500, error("Value is not callable: null at row 1, column 63:\n{{- x }}")],
  // What repeats the request says nothing.
  [
    400,
    error(
      `Validation failed: ${
        JSON.stringify({
          model: "m",
          messages: [user("insufficient_quota, rate limit exceeded")]
        })
      }`
    )
  ],
  [400, error("Bad message {\"role\":\"user\",\"content\":\"context length exceeded\"}")],
  [
    400,
    error("1 validation error [type=missing, input_value={'content': 'insufficient balance'}, input_type=dict]")
  ]
])
