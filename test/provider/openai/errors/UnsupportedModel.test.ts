/** How services say that they do not have the model, or not for this. */
import { error, means } from "../../support/errors.ts"

means("UnsupportedModel", "a model that is not there", [
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
])
