/** How services say that the messages do not fit into the context. */
import { error, means } from "../../support/errors.ts"

means("ContextWindowExceeded", "the context is full", [
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
])
