/**
 * The nonce that the server gave this page: style sheets made by scripts need it to be accepted by the content security
 * policy. Libraries that ask no provider look for it in the global variable of another bundler.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

;(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce

export function styleNonce() {
  return nonce
}
