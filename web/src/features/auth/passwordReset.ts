import { useMutation } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

/** Asks for a link by mail. The answer is the same whether there is such an account or not. */
export function useForgotPassword() {
  return useMutation({
    mutationFn: (email: string) => unwrap(client.POST('/api/v1/auth/forgot-password', { body: { email } })),
  })
}

/** Sets a new password with the token of the link. All sign-ins end with it. */
export function useResetPassword() {
  return useMutation({
    mutationFn: (body: { token: string; password: string }) => unwrap(client.POST('/api/v1/auth/reset-password', { body })),
  })
}
