/** How services say that the service behind them took too long. */
import { error, means } from "../../support/errors.ts"

means("Timeout", "a slow upstream", [
  [408, error("timeout waiting for content filter")],
  [408, error("x")]
])
