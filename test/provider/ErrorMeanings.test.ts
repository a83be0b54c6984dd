/**
 * What errors mean, in the words of the services that say them.
 *
 * A row is a status (`stream`: an error inside a stream), the body, and how long it asks to wait, in milliseconds.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Stream } from "effect"
import type { LMError } from "effect-lm"
import { type LMRequest, user } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as ProviderError from "../../src/provider/openai/errors/reason.ts"
import * as WireServer from "../support/wireServer.ts"

const request: LMRequest = { messages: [user("q")], config: {}, responseFormat: { _tag: "Text" } }

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
    ],
    [
      400,
      error(
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens. Please reduce the length of the messages.",
        { code: "context_length_exceeded" }
      )
    ],
    [
      400,
      error("Please reduce the length of the messages or completion. Current length is 8195 while limit is 8192", {
        code: "context_length_exceeded"
      })
    ],
    [400, error("the prompt is longer than the model's context window")],
    [400, error("the message history exceeds the context")],
    [400, error("messages too long for context")],
    [400, error("Input is too long. Max input tokens: 4096, actual: 5000")],
    [400, { message: "The input is too long for the model: 5000 > 4096" }],
    [400, error("Total tokens 140000 exceeds context 131072")],
    [
      400,
      error("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", {
        type: "exceed_context_size_error",
        n_prompt_tokens: 5000,
        n_ctx: 4096
      })
    ],
    [413, error("Payload Too Large")],
    [422, { detail: "input tokens (9000) exceeds model limit" }],
    [400, {
      errors: [{
        message:
          "AiError: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (7968).",
        code: 5021
      }]
    }],
    [400, {
      error_code: "BAD_REQUEST",
      message: "{\"error\":{\"message\":\"prompt token count of 5000 exceeds the max\"}}"
    }],
    [400, {
      errors: [{
        code: "invalid_input_argument",
        message:
          "Invalid input argument for Model 'x': the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model"
      }]
    }],
    [
      400,
      error("This model supports at most 131072 tokens in total, whereas your messages and completion have 140000")
    ],
    [400, error("Invalid parameter: Range of input length should be [1, 129024]")],
    [400, error("Requested input length 40000 exceeds maximum input length 32768")],
    [400, error("Input text is too long, maximum is 8192 tokens")],
    [400, error("The prompt length (9000) exceeds the maximum length (8192)")],
    [500, error("Requested tokens (5000) exceed context window of 4096")],
    [400, error("This model's maximum context length is 4096 tokens", { code: "context_length_exceeded" })],
    [500, { error: "Truncation error: prompt exceeds n_ctx" }],
    [400, error("The input length of 9000 tokens exceeds the 8192 token window")],
    [400, error("Prompt tokens (9000) + completion tokens (100) > 8192")],
    [500, error("KV cache is full; the prompt does not fit into the context")],
    [400, error("您的输入内容过长，超过模型最大上下文长度")],
    [400, error("the conversation does not fit in the context window")],
    [
      400,
      error(
        "Invalid 'messages[0].content': string too long. Expected a string with maximum length 1048576, but got a string with length 1500000 instead.",
        { code: "string_above_max_length" }
      )
    ],
    [400, error("Invalid 'input': string too long.", { code: "string_above_max_length" })],
    [400, error("messages[0].content too long")],
    [400, error("max_tokens must be at least 1, got -186.")],
    [500, error("Input prompt is too big compared to KV size. Please try increasing KV size.")],
    [500, error("input is too large to process. increase the physical batch size")],
    [500, error("input (1200 tokens) is too large to process. increase the physical batch size")],
    [400, error("Input token length too long")],
    [400, error("Invalid 'messages': array too long. Expected an array with maximum length 2048, but got 3000.")]
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
    [429, error("Please try again in 1m12.5s"), 72500],
    [429, error("try again in 5-10 seconds"), 10000],
    [429, error("try again in 1,500 seconds"), 1500000],
    [429, error("try again in a minute"), 60000],
    [429, error("try again in -3s")],
    [429, error("try again after a few seconds")],
    [429, error("try again in 99999999999999 days"), 9007199254740991],
    [429, error("请求过多，请在30秒后重试"), 30000],
    [429, error("x", { details: [{ retryDelay: { seconds: "38", nanos: 500000000 } }] }), 38500],
    [429, { error: "x", retry_after: -3 }],
    [429, error("try again in 1 minute and 30 seconds"), 90000],
    [429, error("try again in 1 minute, 30 seconds"), 90000],
    [429, error("retry after 2026-01-01")],
    [429, {
      message: "Model is not ready for inference. Wait and try your request again.",
      __type: "ModelNotReadyException"
    }],
    [429, { message: "Too many requests, please wait before trying again." }],
    [429, error("You've exceeded the rate limit, please slow down")],
    [403, { code: "Throttling.User", message: "Requests throttling triggered." }],
    [503, { message: "Bedrock is unable to process your request.", __type: "ThrottlingException" }],
    [429, error("Quota exceeded for aiplatform.googleapis.com/online_prediction_tokens_per_minute_per_base_model")],
    [429, error("您的账户已达到速率限制，请您控制请求频率", { code: "1302" })],
    [400, error("API调用频率过高", { code: "1302" })],
    [
      429,
      error("Requests per minute limit exceeded - too many requests sent.", {
        type: "too_many_requests_error",
        param: "quota",
        code: "request_quota_exceeded"
      })
    ],
    [
      429,
      error("Tokens per day limit exceeded - too many tokens processed.", {
        type: "too_many_tokens_error",
        param: "quota",
        code: "token_quota_exceeded"
      })
    ],
    [
      429,
      error("We're experiencing high traffic right now! Please try again soon.", {
        type: "too_many_requests_error",
        param: "queue",
        code: "queue_exceeded"
      })
    ],
    [429, error("Worker local total request limit reached (65/64)")],
    [429, { error: "Model is overloaded", error_type: "overloaded" }],
    [429, { errors: [{ message: "Capacity temporarily exceeded, please try again.", code: 3040 }] }],
    [429, error("Free tier requests per minute exhausted")],
    [429, error("Tokens per minute limit exceeded - too many tokens processed.", { code: "token_quota_exceeded" })],
    ["stream", { status: "449", msg: "You exceeded your current rate limit" }],
    [500, error("bad response status code 429 (request id: x)")],
    [498, error("Flex tier capacity exceeded", { code: "capacity_exceeded" })]
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
    ["stream", error("Insufficient Balance", { type: "unknown_error", code: "invalid_request_error" })],
    [402, {
      error:
        "You have reached the free monthly usage limit for hf-inference. Subscribe to PRO to get 20x more included usage"
    }],
    [
      429,
      error("You have reached your specified API usage limits. You will regain access on 2025-12-01 at 00:00 UTC.")
    ],
    [
      400,
      error("You have reached your specified API usage limits. You will regain access on 2025-12-01 at 00:00 UTC.", {
        type: "invalid_request_error"
      })
    ],
    [403, { code: "AllocationQuota.FreeTierOnly", message: "The free tier of the model has been exhausted." }],
    [
      403,
      error("The free quota has been exhausted. To continue accessing the model on a paid basis", {
        code: "AllocationQuota.FreeTierOnly"
      })
    ],
    [400, { code: "Arrearage", message: "Access denied" }],
    [429, error("Your account balance is insufficient. Please recharge", { code: "1113" })],
    [403, error("Your account does not have enough credits")],
    [
      429,
      error("Your newly created team doesn't have any credits yet. You can purchase credits at https://console.x.ai")
    ],
    [
      403,
      error(
        "Your newly created teams doesn't have any credits or licenses yet. You can purchase those on https://console.x.ai/team/x."
      )
    ],
    [403, error("This API method requires billing to be enabled. Please enable billing on project")],
    [
      429,
      error("You exceeded your current quota, please check your plan and billing details.", {
        type: "insufficient_quota",
        code: "insufficient_quota"
      })
    ],
    [402, error("Credit limit exceeded, please navigate to x")],
    [429, error("The account has been disabled because of non-payment")],
    [400, error("Your subscription has expired")],
    [429, error("预扣费额度失败, 用户剩余额度: ＄0.01, 需要预扣费额度: ＄0.02", { code: "insufficient_user_quota" })],
    [403, error("用户额度不足, 剩余额度: 0")],
    [403, error("token quota is not enough", { type: "new_api_error", code: "pre_consume_token_quota_failed" })],
    [429, error("ExceededTokenBudget: Current spend for token: 1; Max Budget for Token: 1")],
    [400, error("Budget has been exceeded! Team=x Current cost: 1.2, Max budget: 1.0")],
    [429, {
      message:
        "Trial key limit reached: You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free or upgrade to a Production key"
    }],
    [429, { errors: [{ code: "token_quota_reached", message: "The monthly token quota is used up" }] }],
    [403, error("There's an issue with your payment information.", { type: "billing_error" })],
    [403, { statusCode: 403, message: "Out of call volume quota. Quota will be replenished in 10.12:00:00." }],
    [403, error("The request failed because your account has an overdue balance.", { code: "AccountOverdueError" })],
    [403, { message: "Access is denied: INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided." }],
    [403, error("The gateway requires a valid credit card on file to service requests.")],
    [
      429,
      error("Your account has reached the set inference limit for the model, and the model service has been paused.")
    ],
    [429, error("you (user) have reached your weekly usage limit, upgrade for higher limits")],
    [
      429,
      [error("Quota exceeded for metric: free_tier_input_token_count, limit: 0, model: x\nPlease retry in 20.1s.")]
    ]
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
    [403, error("Country not supported")],
    [400, error("Model access is denied due to IAM user or service role is not authorized")],
    [400, error("This organization has been disabled.", {})],
    [401, error("无效的令牌")],
    [400, error("API Key not found. Please pass a valid API key.", { status: "INVALID_ARGUMENT" })],
    [400, { code: "InvalidApiKey", message: "Invalid API-key provided." }],
    [400, { error_code: "UNAUTHENTICATED", message: "Request to generate access token failed" }],
    [400, error("The security token included in the request is invalid.")],
    [403, { message: "The security token included in the request is invalid.", __type: "UnrecognizedClientException" }],
    [400, error("令牌已过期或验证不正确", { code: "1000" })],
    [400, error("Authentication Fails, Your api key: ****dead is invalid", { type: "authentication_error" })],
    [400, error("Bearer token is malformed")],
    [
      400,
      error(
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth"
      )
    ],
    [
      400,
      error(
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription"
      )
    ],
    [500, error("Authentication Error, No api key passed in.", { type: "auth_error", code: "401" })],
    [
      500,
      error("Authentication Error, Invalid proxy server token passed. Received API Key = sk-...1234", {
        type: "token_not_found_in_db",
        code: "401"
      })
    ],
    [400, { errors: [{ code: 10000, message: "Authentication error" }], success: false }],
    [400, error("the api key has been revoked")],
    [400, error("API key is disabled")],
    [400, error("Unauthorized")],
    [400, error("Login fail: Please carry the API secret key in the 'Authorization' field of the request header")],
    [400, { error: { message: "Invalid IAM token" } }],
    [500, error("401 Unauthorized")],
    [498, { message: "no api key supplied" }],
    [400, error("Organization has been restricted. Please reach out to support.", { code: "organization_restricted" })]
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
    [400, error("The prompt could not be submitted: PROHIBITED_CONTENT")],
    [
      400,
      error(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
        { code: "content_filter", status: 400, innererror: { code: "ResponsibleAIPolicyViolation" } }
      )
    ],
    [
      403,
      error(
        "Content violates usage guidelines. Team: x, API key ID: y, Model: grok, Failed check: SAFETY_CHECK_TYPE_CSAM"
      )
    ],
    [400, error("Input data may contain inappropriate content", { code: "data_inspection_failed" })],
    [400, error("Your request was flagged by our safety filters")],
    [400, error("This request triggered our safety policy")],
    [422, error("The content you submitted was deemed unsafe")],
    [400, error("I can't process this: prompt violates our Terms of Service")],
    [400, error("Prompt was blocked: SAFETY")],
    [400, { message: "This request has been blocked by our content filters." }],
    [400, error("Output blocked by content filtering policy")],
    [400, error("The response was blocked due to RECITATION")],
    [
      403,
      error("meta-llama/x requires moderation on Together. Your input was flagged for \"sexual\"", {
        metadata: { reasons: ["sexual"], flagged_input: "x", provider_name: "Together" }
      })
    ],
    [
      403,
      error("x requires moderation on Y. Your input was flagged for \"violence\". No credits were charged.", {
        code: 403
      })
    ],
    [424, { success: false, error: [{ code: 2016, message: "Prompt blocked due to security configurations" }] }],
    ["stream", { choices: [], promptFeedback: { blockReason: "OTHER" }, usage: { prompt_tokens: 3 } }],
    [446, error("The guardrail checks defined in the config failed.", { type: "hooks_failed" })]
  ]],
  UnsupportedModel: ["a model that is not there", [
    [500, { error: "model \"x\" not found, try pulling it first" }],
    [400, error("The model `x` has been decommissioned and is no longer supported.")],
    [404, { detail: "Not Found" }],
    [400, { errors: [{ code: 5007, message: "No such model @cf/x" }], success: false }],
    [404, error("Model names are case-sensitive")],
    [400, error("foo/bar is not a valid model ID", { code: 400 })],
    [500, error("model 'x' not found")],
    [400, error("litellm.BadRequestError: Invalid model name passed in model=x")],
    [400, { message: "The provided model identifier is invalid." }],
    [400, error("The provided model identifier is invalid.", { type: "invalid_request_error" })],
    [400, {
      message:
        "Invocation of model ID anthropic.claude-3-7-sonnet-20250219-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model."
    }],
    [400, error("Invocation of model ID x with on-demand throughput isn't supported.")],
    [
      404,
      error(
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
        { code: "DeploymentNotFound" }
      )
    ],
    [400, error("The API deployment for this resource does not exist.", { code: "DeploymentNotFound" })],
    [
      400,
      error("The requested model 'Qwen/Qwen3' is not supported by any provider you have enabled.", {
        type: "invalid_request_error",
        param: "model",
        code: "model_not_supported"
      })
    ],
    [400, { error: "Model not supported by provider hf-inference" }],
    [400, error("The requested model is not supported.", { code: "model_not_supported" })],
    [400, error("The requested model is not supported.")],
    [400, error("model not supported")],
    [400, error("Model gpt-x is not supported")],
    [
      400,
      error(
        "Model mistralai/Mistral-Nemo-Instruct-2407 is not supported for task text-generation and provider nebius. Supported task: conversational."
      )
    ],
    [
      400,
      error(
        "The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations",
        { type: "invalid_request_error", code: "model_decommissioned" }
      )
    ],
    [400, { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", code: 404 }],
    [
      400,
      error(
        "Unable to access model x. Please visit https://api.together.ai/models to view the list of supported models.",
        { type: "invalid_request_error", code: "model_not_available" }
      )
    ],
    [
      400,
      error(
        "Unable to access non-serverless model x. Please visit https://api.together.ai/models/x to create and start a new dedicated endpoint for the model."
      )
    ],
    [400, error("Model Not Exist", { type: "invalid_request_error" })],
    [400, error("模型不存在，请检查模型代码。", { code: "1211" })],
    [400, error("Unknown model: x")],
    [400, error("unknown model \"x\"")],
    [400, {
      type: "invalid_request_error",
      message: "Invalid model 'x'. Permitted models can be found in the documentation at https://docs.perplexity.ai"
    }],
    [
      400,
      error("Invalid model 'sonar-x'. Permitted models can be found in the documentation.", {
        type: "invalid_model",
        code: 400
      })
    ],
    [
      400,
      error("models/gemini-x is not found for API version v1beta, or is not supported for generateContent.", {
        status: "NOT_FOUND"
      })
    ],
    [
      400,
      error(
        "Publisher Model `projects/p/locations/l/publishers/google/models/x` was not found or your project does not have access to it."
      )
    ],
    [400, error("Model 'x' is not available. Available models: a, b")],
    [400, error("This model is not available in your region")],
    [400, { errors: [{ message: "AiError: No such model @cf/meta/x or task", code: 5007 }], success: false }],
    [400, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Endpoint with name 'x' does not exist." }],
    [404, { errors: [{ code: "model_not_supported", message: "Model 'x' is not supported for this environment." }] }],
    [400, error("Model x does not exist or you do not have access to it")],
    [
      403,
      error("Project `p` does not have access to model `gpt-4`", {
        type: "invalid_request_error",
        code: "model_not_found"
      })
    ],
    [503, error("No available channel for model gpt-x under group default", { type: "new_api_error" })],
    [503, error("当前分组 default 下对于模型 gpt-x 无可用渠道", { type: "one_api_error" })],
    [400, error("There are no healthy deployments for this model.")],
    [400, error("The model: x does not exist")],
    [422, { detail: "Model x not found" }],
    [400, error("Requested model 'x' is not loaded")],
    [400, error("The engine x does not exist")],
    [400, error("'claude-1' is not a supported model")],
    [400, error("model x is deprecated")],
    [400, error("The model x has reached end of life")],
    [400, {
      message:
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details."
    }],
    [410, error("The model x has been removed")],
    [
      400,
      error(
        "x is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?"
      )
    ],
    [404, error("This is not a chat model and thus not supported in the v1/chat/completions endpoint.")],
    [400, error("\"nomic-embed-text\" does not support chat")],
    [
      404,
      error(
        "No endpoints found that can handle the requested parameters. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing"
      )
    ],
    [400, error("The chatCompletion operation does not work with the specified model, x.", { code: "y" })],
    [403, { error: "The model x is too large to be loaded automatically (140GB > 10GB)." }],
    [404, { message: "Access denied. This Model is marked by provider as Legacy. Please upgrade." }],
    ["stream", { status: "435", msg: "Model not support" }]
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
    [400, error("tool call validation failed: attempted to call tool 'x' which was not in request.tools")],
    [500, error("Failed to parse input at pos 0: <tool_call>")],
    // A path that a server does not have, told with a success.
    ["stream", { error: "Unexpected endpoint or method. (POST /chat/completions)" }],
    ["stream", { error: "Not Found" }],
    ["stream", error("404 page not found")],
    ["stream", error("Invalid URL (POST /v1/v1/chat/completions)")]
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
    ["stream", error("Overloaded", { type: "overloaded_error" })],
    [503, { error: "Model meta-llama/Llama-2-13b-chat is currently loading", estimated_time: 20.0 }, 20000],
    [503, { error: "Model x is currently loading", estimated_time: 35.6677131652832 }, 35668],
    [500, { error: "Model x is currently loading", estimated_time: 3 }, 3000],
    [503, error("Model is loading, try again later")],
    [503, { errorCode: "SERVICE_UNAVAILABLE", message: "The endpoint is scaled to zero. Please retry later." }],
    [424, { message: "Model is getting ready for inference. Please retry later.", __type: "ModelNotReadyException" }],
    [529, error("Overloaded")],
    [503, error("The engine is currently overloaded, please try again later")],
    [500, error("Model x is overloaded")],
    [400, error("Service temporarily unavailable")],
    [503, error("The model is not available right now")],
    [503, error("The requested model is currently unavailable. Please try again later.")],
    [500, error("Engine error: key not found in cache")],
    [500, error("Failed to generate output that matches the JSON schema")],
    [500, error("Grammar matcher failed to accept token 5")],
    [500, error("xgrammar worker crashed: connection reset")],
    [500, error("unexpected end of JSON input")],
    [400, { error: "The model has crashed without additional information. (Exit code: 1)" }],
    [424, { error: "Request failed during generation: Server error: CUDA out of memory", error_type: "generation" }],
    [424, { message: "The model returned the following errors: Received server error (500) from model" }],
    [499, [error("The operation was cancelled.", { status: "CANCELLED" })]],
    ["stream", { x_groq: { id: "r", error: "over capacity" } }]
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
      "max_tokens   ",
      "model ",
      "model x is not ",
      "prompt tokens ",
      "fail grammar ",
      "json schema ",
      "messages[0].",
      "free tier ",
      "0"
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
