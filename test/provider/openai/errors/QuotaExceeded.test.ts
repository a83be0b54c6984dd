/** How services say that there is no credit or quota left, so that waiting does not help. */
import { error, means } from "../../support/errors.ts"

means("QuotaExceeded", "nothing left to spend", [
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
])
