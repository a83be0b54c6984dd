/**
 * What errors mean, in the words of the services that say them.
 *
 * A row is a status (`stream`: an error inside a stream), the body, and how long it asks to wait, in milliseconds.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Stream } from "effect"
import type { LMError } from "effect-lm"
import type { LMRequest } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/lm/OpenAI"
import * as ProviderError from "../../src/lm/internal/providerError.ts"
import * as WireServer from "../support/wireServer.ts"

const request: LMRequest = { messages: [{ role: "user", content: "q" }], config: {}, responseFormat: { _tag: "Text" } }

type Row = readonly [status: number | "stream", body: unknown, retryAfter?: number]

const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

const retryable = new Set(["RateLimited", "Server", "Timeout"])

const fails = Effect.fnUntraced(function*([status, body]: Row) {
  const server = yield* WireServer.make(
    status === "stream"
      ? WireServer.events(WireServer.data(body))
      : typeof body === "string"
      ? WireServer.reply(status, {}, body)
      : WireServer.json(status, body)
  )
  const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, retry: false })
  return yield* Effect.flip(Stream.runDrain(lm.stream(request)))
})

const table: Readonly<Record<string, readonly [what: string, rows: ReadonlyArray<Row>]>> = {
  ContextWindowExceeded: ["the context is full", [
    [400, error("length of prompt_tokens (40000) must be less than max_seq_len (32768)")],
    [400, error("prompt_tokens 9000 exceed max_model_len 8192")],
    [400, error("Input is longer than maximum context")],
    [400, error("The prompt is larger than n_ctx")],
    [400, error("Invalid 'messages': it has 2000000 characters", { code: "string_above_max_length" })],
    [400, error("your messages exceed the model's maximum context")],
    [400, error("Total number of tokens (5000) exceeds the model's limit of 4096")],
    [
      400,
      error(
        "Input validation error: inputs tokens + max_new_tokens must be <= 4096. Given: 5000 inputs tokens and 100 max_new_tokens"
      )
    ],
    [400, error("exceeds the limit of 128000 tokens")],
    [400, error("Context size has been exceeded.")],
    [
      500,
      error("litellm.APIError: Error code: 400 - {'error': {'message': 'prompt is too long: 9 tokens > 8 maximum'}}")
    ],
    [500, { error: "llama runner: context limit exceeded" }],
    [422, error("Prompt tokens exceed the limit for this model")],
    [
      400,
      error(
        "This model's maximum context length is 4097 tokens, however you requested 5000 tokens (1000 in your prompt; 4000 for the completion). Please reduce your prompt; or completion length."
      )
    ],
    [400, error("This model's maximum context length is 131072 but a total of 140000 tokens were requested")],
    [
      400,
      error(
        "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens (139000 of text input, 1000 in the output). Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically."
      )
    ],
    [400, error("x", { type: "ContextWindowExceededError" })],
    [400, error("x", { code: "model_max_prompt_tokens_exceeded" })],
    [400, error("x", { code: "max_context_length_exceeded" })],
    [400, error("Your conversation is too long for this model")],
    [400, error("Requested generation length 10 is too large. Prompt is 9000 tokens and max sequence length is 8192")],
    [
      400,
      error(
        "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again."
      )
    ],
    [400, error("The prompt is too long: 140000, model maximum context length: 131071")],
    [
      400,
      error("Unable to submit request because the input token count is 1196265 but model only supports up to 1048576.")
    ],
    [400, error("This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.")],
    [400, error("prompt is too long: 213462 tokens > 200000 maximum")],
    [
      400,
      error(
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again"
      )
    ],
    [413, error("Request exceeds the maximum size", { type: "request_too_large" })],
    [
      400,
      error("The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).", {
        code: 400,
        status: "INVALID_ARGUMENT"
      })
    ],
    [400, error("The input token count exceeds the maximum number of tokens allowed 1048576.")],
    [400, error("Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)")],
    [500, error("prompt too long; exceeded max context length by 412 tokens")],
    [500, { error: "input length exceeds the context length" }],
    [
      400,
      error("the request exceeds the available context size. try increasing the context size or enable context shift")
    ],
    [500, error("the request exceeds the available context size (4096 tokens), try increasing it")],
    [
      400,
      error("Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length")
    ],
    [400, { message: "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5211." }],
    [400, error("Please reduce the length of the messages or completion.", { code: "context_length_exceeded" })],
    [400, error("Please reduce the length of the messages or completion. Current length is 8195 while limit is 8192")],
    [400, {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
    }],
    [400, { message: "Input is too long for requested model.", __type: "ValidationException" }],
    [400, {
      error:
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input"
    }],
    [400, {
      error:
        "Trying to keep the first 6417 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"
    }],
    [400, error("invalid params, context window exceeds limit (2013)")],
    ["stream", { base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit" } }],
    [
      422,
      error(
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 3900 `inputs` tokens and 300 `max_new_tokens`",
        { type: "invalid_request_error" }
      )
    ],
    [422, {
      error: "Input validation error: `inputs` must have less than 1024 tokens. Given: 1200",
      error_type: "validation"
    }],
    [400, error("The input (300 tokens) is longer than the model's context length (200 tokens).")],
    [400, error("prompt token count of 5000 exceeds the limit of 4096", { code: "model_max_prompt_tokens_exceeded" })],
    [400, error("Prompt has 5000 tokens, but the configured context size is 4096 tokens")],
    [
      400,
      error("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]", {
        code: "invalid_parameter_error"
      })
    ],
    [400, error("Requested token count exceeds the model's maximum context length of 131072 tokens")],
    [400, error("Input length (265330) exceeds model's maximum context length (262144).")],
    [400, error("exceed max message tokens: Total tokens of image and text exceed max message tokens")],
    [400, error("Your input exceeds the context window of this model. Please adjust your input and try again.")],
    [413, error("Request body too large for gpt-4o model. Max size: 8000 tokens.", { code: "tokens_limit_reached" })],
    [413, "<html>413 Request Entity Too Large</html>"],
    [
      400,
      error(
        "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length is 8192 tokens and your request has 6500 input tokens (2000 > 8192 - 6500)."
      )
    ],
    [
      400,
      error(
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens."
      )
    ],
    [400, error("Prompt exceeds max length", { code: "1261" })],
    [400, error("tokens in request more than max tokens allowed")],
    ["stream", { object: "error", message: "This model's maximum context length is 2048 tokens", code: 400 }],
    [500, {
      detail:
        "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - {\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}"
    }],
    [
      400,
      error("Provider returned error", {
        code: 400,
        metadata: { provider_name: "X", raw: JSON.stringify(error("prompt is too long: 9 tokens > 8 maximum")) }
      })
    ]
  ]],
  RateLimited: ["a rate limit", [
    [
      429,
      error(
        "Rate limit reached for gpt-4 in organization org-x on requests per min. Limit: 3 / min. Please try again in 20s. Contact us if you continue to have issues. Please add a payment method to your account to increase your rate limit."
      ),
      20000
    ],
    ["stream", { base_resp: { status_code: 1002, status_msg: "slow" } }],
    [429, error("The model is available in 55 seconds"), 55000],
    [429, error("It will be available again in 90 seconds"), 90000],
    [429, error("The service is busy. invalid api key holders are limited")],
    [429, error("Overloaded: content filter unavailable")],
    [429, error("Provider returned error", { code: 429 })],
    [429, ""],
    [400, { code: "Throttling.RateQuota", message: "Requests rate limit exceeded, please try again later." }],
    [429, { error: { message: "x" }, retry_after_ms: 1500 }, 1500],
    [429, error("x", { details: [{ "@type": "RetryInfo", retryDelay: "0.25s" }] }), 250],
    [
      429,
      error("x", { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: { seconds: 38 } }] }),
      38000
    ],
    [429, error("Please try again in 6m0s."), 360000],
    [429, error("try again in ~2m"), 120000],
    [429, error("try again in about 20 seconds"), 20000],
    [429, error("Your quota will reset after 20s."), 20000],
    [
      429,
      error("max organization RPM: 3, please try again after 1 seconds", { type: "rate_limit_reached_error" }),
      1000
    ],
    [503, error("Rate limit reached for requests")],
    [500, error("Error code: 429 - {'error': {'message': 'slow down'}}")],
    [403, error("You are being rate limited")],
    [
      429,
      error("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", {
        code: 429
      })
    ],
    [
      429,
      error(
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 5 seconds."
      ),
      5000
    ],
    [
      429,
      error(
        "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model"
      )
    ],
    [429, error("Too many tokens: you exceeded your rate limit")],
    [
      429,
      error(
        "This request would exceed your organization's rate limit of 30,000 input tokens per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.",
        { type: "rate_limit_error" }
      )
    ],
    [
      429,
      error(
        "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 1.5s.",
        { code: "rate_limit_exceeded", type: "tokens" }
      ),
      1500
    ],
    [
      429,
      error(
        "Rate limit reached for model on tokens per day (TPD): Limit 100000, Used 99000, Requested 2000. Please try again in 7m12.3s."
      ),
      432300
    ],
    [
      429,
      error("Provider returned error", {
        code: 429,
        metadata: { raw: "the model is temporarily rate-limited upstream" }
      })
    ],
    [400, { message: "Too many tokens, please wait before trying again.", __type: "com.amazon#ThrottlingException" }],
    [429, [
      error(
        "You exceeded your current quota, please check your plan and billing details. https://ai.google.dev/gemini-api/docs/rate-limits\nPlease retry in 38.581s.",
        {
          code: 429,
          status: "RESOURCE_EXHAUSTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "38s" }]
        }
      )
    ], 38000],
    [429, error("You exceeded your current quota. Please retry in 38.5s."), 38500],
    [429, error("Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'x'")],
    [429, error("Resource has been exhausted (e.g. check quota).", { status: "RESOURCE_EXHAUSTED" })],
    ["stream", { error: { code: "429", message: "slow down" } }],
    ["stream", { error_code: 429, error_type: "too_many_requests", error_message: "hmm" }],
    [503, error("busy", { code: 429 })],
    [429, error("Rate limit is exceeded. Try again in 5 seconds."), 5000],
    [429, error("Please retry after 5 seconds."), 5000],
    [429, error("retry after 86400 seconds"), 86400000],
    [429, error("x. Please wait 1m30s before retrying"), 90000],
    [429, error("x", { retry_after: 3 }), 3000],
    [429, error("try again in 120ms"), 120],
    [429, error("try again in 1 minute and 30 seconds"), 90000],
    [429, error("try again in 1 minute, 30 seconds"), 90000],
    [429, error("retry after 2026-01-01")]
  ]],
  QuotaExceeded: ["nothing left to spend", [
    [429, error("you have used up your daily free allocation of 10,000 neurons")],
    [400, error("you have used up your daily free allocation of 10,000 neurons")],
    [429, error("Budget has been exceeded! Current cost: 1, Max budget: 1")],
    [400, error("Budget has been exceeded! Current cost: 1, Max budget: 1")],
    [429, error("ExceededBudget: over")],
    [400, error("ExceededBudget: over")],
    [429, error("There is no remaining balance")],
    [400, error("There is no remaining balance")],
    [429, error("Your balance has been depleted")],
    [400, error("Your balance has been depleted")],
    [429, error("You have used up your free credits")],
    [400, error("You have used up your free credits")],
    [429, error("You do not have enough credits")],
    [400, error("You do not have enough credits")],
    [429, error("You have exceeded your monthly included credits for Inference Providers")],
    [400, error("You have exceeded your monthly included credits for Inference Providers")],
    [429, error("INSUFFICIENT_QUOTA")],
    [400, error("INSUFFICIENT_QUOTA")],
    [429, error("The project has reached its spending cap")],
    [400, error("The project has reached its spending cap")],
    [400, error("x", { type: "budget_exceeded" })],
    [403, error("x", { code: "INSUFFICIENT_QUOTA" })],
    ["stream", { base_resp: { status_code: 1008, status_msg: "no" } }],
    [403, error("user quota is not enough", { code: "insufficient_user_quota" })],
    [429, error("x", { code: "insufficient_quota" })],
    [400, error("Not enough credits to complete this request")],
    [429, error("You have run out of credits")],
    [429, error("Credit limit exceeded, please navigate to x")],
    [401, error("You exceeded your current quota, please check your plan and billing details")],
    [400, error("x", { type: "InsufficientBalance" })],
    [403, error("Sorry, your account balance is insufficient", { code: 30001 })],
    [
      412,
      error(
        "Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices"
      )
    ],
    [429, [
      error(
        "You exceeded your current quota, please check your plan and billing details. https://ai.google.dev/gemini-api/docs/rate-limits",
        { code: 429, status: "RESOURCE_EXHAUSTED" }
      )
    ]],
    [
      429,
      error("Your account is suspended due to insufficient balance, please recharge your account", {
        type: "exceeded_current_quota_error"
      })
    ],
    [
      400,
      error(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        { type: "invalid_request_error" }
      )
    ],
    [
      403,
      error("Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", { code: 403 })
    ],
    [
      402,
      error(
        "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 100"
      )
    ],
    [429, error("Your team has either used all available credits or reached its monthly spending limit.")],
    [429, { error: { code: "1113", message: "余额不足或无可用资源包,请充值。" } }],
    [400, { code: "Arrearage", message: "Access denied, please make sure your account is in good standing." }],
    ["stream", error("Insufficient Balance", { type: "unknown_error", code: "invalid_request_error" })]
  ]],
  Authentication: ["a wrong key", [
    [400, error("No auth credentials found")],
    [400, error("Authorization header is required")],
    [400, error("Access token expired")],
    [400, error("invalid_token")],
    [400, { error: "invalid_token" }],
    ["stream", { base_resp: { status_code: 1004, status_msg: "no" } }],
    [403, "<html><title>403 Forbidden</title>cloudflare</html>"],
    [403, error("Your account does not have access to model x")],
    [401, error("User not found.", { code: 401 })],
    [401, error("Your authentication token has expired. Limit reached")],
    [403, error("Forbidden")],
    ["stream", error("Invalid API key provided")],
    [500, error("No api key passed in.", { code: "401", type: "auth_error" })],
    [400, error("Missing or invalid Authorization header")],
    [400, error("API key expired. Please renew the API key.")],
    [400, [
      error("API key not valid. Please pass a valid API key.", {
        code: 400,
        status: "INVALID_ARGUMENT",
        details: [{ reason: "API_KEY_INVALID" }]
      })
    ]],
    [400, {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."
    }],
    [400, error("invalid api key")],
    [
      500,
      error("litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided", {
        code: "401"
      })
    ],
    [403, error("Country not supported")]
  ]],
  ContentFiltered: ["a filter", [
    [400, { error: { code: "BadRequest", message: "bad", innererror: { code: "ResponsibleAIPolicyViolation" } } }],
    [500, error("The response was blocked.")],
    [400, error("Guardrail intervened")],
    [403, error("Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO")],
    [400, error("Output blocked by content filtering policy")],
    [
      400,
      error("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", {
        code: "invalid_prompt"
      })
    ],
    [400, error("Your request was rejected as a result of our safety system.")],
    [
      400,
      error(
        "litellm.ContentPolicyViolationError: AzureException - The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        { code: "400", provider_specific_fields: { innererror: { code: "ResponsibleAIPolicyViolation" } } }
      )
    ],
    [400, error("x", { code: "400", innererror: { code: "ResponsibleAIPolicyViolation" } })],
    [400, { code: "data_inspection_failed", message: "Input data may contain inappropriate content." }],
    [400, error("Input or output data may contain inappropriate content", { code: "DataInspectionFailed" })],
    [400, error("Content Exists Risk")],
    [400, error("The request was rejected because it was considered high risk", { type: "content_filter" })],
    [400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", { code: "1301" })],
    ["stream", { base_resp: { status_code: 1026, status_msg: "input new_sensitive" } }],
    [400, error("The prompt could not be submitted: PROHIBITED_CONTENT")]
  ]],
  UnsupportedModel: ["a model that is not there", [
    [500, { error: "model \"x\" not found, try pulling it first" }],
    [400, error("The model `x` has been decommissioned and is no longer supported.")],
    [404, { detail: "Not Found" }],
    [400, { errors: [{ code: 5007, message: "No such model @cf/x" }], success: false }],
    [404, error("Model names are case-sensitive")],
    [400, error("foo/bar is not a valid model ID", { code: 400 })],
    [500, error("model 'x' not found")],
    [400, error("litellm.BadRequestError: Invalid model name passed in model=x")]
  ]],
  InvalidResponse: ["a tool call that the model wrote wrongly", [
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
    [400, error("tool call validation failed: attempted to call tool 'x' which was not in request.tools")]
  ]],
  InvalidRequest: ["a request that is not accepted", [
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
    ["stream", error("bad", { type: "invalid_request_error" })]
  ]],
  Server: ["the provider's fault", [
    [500, error("EngineCore encountered an issue. See stack trace (above) for the root cause.")],
    [500, { error: "llama runner process has terminated: exit status 2" }],
    [520, "<html>Web server returned an unknown error</html>"],
    ["stream", error("stream disconnected")],
    [503, error("No instances available (yet) for model x")],
    [502, error("Upstream error from X: no response received")],
    [500, error("unexpected EOF")],
    [500, "Internal Server Error"],
    [503, error("no slot available")],
    [500, error("error loading model: unable to allocate CPU buffer; context window")],
    [500, error("Failed to load model: insufficient memory")],
    [502, error("Provider returned error", { code: 502, metadata: { raw: "connection reset" } })],
    ["stream", error("Internal server error", { type: "server_error" })],
    [500, error("model runner has unexpectedly stopped, this may be due to resource limitations")],
    [504, "upstream request timeout"],
    [503, { error: { message: "The model is overloaded. Please try again later.", code: 503, status: "UNAVAILABLE" } }],
    [500, { error: { message: "Internal error", code: 500, status: "INTERNAL" } }],
    [500, error("The model is overloaded")],
    [500, error("CUDA out of memory")],
    [503, error("Loading model", { code: 503 })],
    [500, error("upstream billing service timeout")],
    [502, "<html><h1>502 Bad Gateway</h1></html>"],
    [529, error("Overloaded", { type: "overloaded_error" })],
    ["stream", error("Overloaded", { type: "overloaded_error" })]
  ]],
  Timeout: ["a slow upstream", [
    [408, error("timeout waiting for content filter")],
    [408, error("x")]
  ]]
}

describe("what an error means", () => {
  for (const [tag, [what, rows]] of Object.entries(table)) {
    describe(`${what}: ${tag}`, () => {
      for (const row of rows) {
        it.effect(`${row[0]} ${JSON.stringify(row[1]).slice(0, 150)}`, () =>
          Effect.gen(function*() {
            const failure: LMError = yield* fails(row)
            assert.strictEqual(failure.reason._tag, tag, failure.message)
            assert.strictEqual(failure.isRetryable, retryable.has(tag))
            const { retryAfter } = failure
            if (row[2] !== undefined || retryAfter !== undefined) {
              assert.strictEqual(retryAfter === undefined ? undefined : Duration.toMillis(retryAfter), row[2])
            }
          }))
      }
    })
  }

  it.effect("headers go before what the body says of the time to wait", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.json(429, error("Please try again in 20s."), { "retry-after": "7" })
      )
      const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, retry: false })
      const { retryAfter } = yield* Effect.flip(lm.generate(request))
      assert.strictEqual(Duration.toMillis(retryAfter!), 7000)
    }))

  it.effect("an empty account is not asked again", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(429, error("Insufficient balance, please recharge")))
      const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl })
      yield* Effect.flip(lm.generate(request))
      assert.lengthOf(server.requests, 1)
    }))

  it.effect("what the errors inside an error say is said, once", () =>
    Effect.gen(function*() {
      const inner = JSON.stringify(error("prompt is too long: 9 tokens > 8 maximum"))
      const { reason } = yield* fails([
        400,
        error("Provider returned error", { code: 400, metadata: { provider_name: "X", raw: inner } })
      ])
      assert.strictEqual(
        reason.description,
        "400 Provider returned error: prompt is too long: 9 tokens > 8 maximum. Shorten the messages, or use a model " +
          "with a larger context"
      )
    }))

  it.effect("what the user or the model wrote means nothing", () =>
    Effect.gen(function*() {
      const echoes = [
        [422, { detail: [{ loc: ["body", "n"], msg: "too many", input: { message: "insufficient balance" } }] }],
        [400, error("Invalid value", { param: "rate limit reached", metadata: { flagged_input: "context length" } })]
      ] as const
      for (const row of echoes) assert.strictEqual((yield* fails(row)).reason._tag, "InvalidRequest")
    }))

  it("a long message is looked through in no time", () => {
    const patterns = [
      " ",
      "fail",
      "-",
      "retry after: ",
      "wait for for ",
      "attempted to call tool ",
      "exceed",
      "1 ",
      "max_tokens   "
    ]
    const started = process.cpuUsage()
    for (const pattern of patterns) {
      for (const [head, tail] of [["", ""], ["retry after:", "x"], ["try again in 5", "{\"message\":1}"]] as const) {
        ProviderError.fromPayload(error(`${head}${pattern.repeat(200_000 / pattern.length)}${tail}`))
      }
    }
    assert.isBelow(process.cpuUsage(started).user / 1000, 5000)
  })

  it.effect("errors inside errors without end are read to a depth", () =>
    Effect.gen(function*() {
      const deep = `${"{\"error\":".repeat(2000)}"x"${"}".repeat(2000)}`
      assert.strictEqual((yield* fails([400, deep])).reason._tag, "InvalidRequest")
    }))
})
