/**
 * Names whose values are secrets.
 */

/** Whether a header or a member of this name carries a secret. */
export const isSecretName = (name: string): boolean => /auth|key|token|secret|cookie|passw/i.test(name)
