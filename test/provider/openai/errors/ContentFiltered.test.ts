/** How services say that a filter stopped the prompt or the answer. */
import { error, means } from "../../support/errors.ts"

means("ContentFiltered", "a filter", [
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
])
