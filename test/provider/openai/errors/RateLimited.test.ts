/** How services say that too much was asked for in a time, and how long to wait. */
import { error, means } from "../../support/errors.ts"

means("RateLimited", "a rate limit", [
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
])
