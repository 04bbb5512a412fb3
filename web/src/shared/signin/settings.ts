import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'

/** What the pages before the sign-in need to know: the rules for passwords, whether there is mail, whether it is a demo. */
export const signInSettingsQuery = queryOptions({
  queryKey: ['signInSettings'],
  queryFn: () => unwrap(client.GET('/api/v1/auth/settings')),
  staleTime: 5 * 60_000,
})

/** The identity providers offered to everybody, and those of the address's domain. */
export const providersQuery = (email: string, org?: string) =>
  queryOptions({
    queryKey: ['signInProviders', email.slice(email.lastIndexOf('@') + 1), org ?? ''],
    queryFn: () =>
      unwrap(client.GET('/api/v1/auth/providers', { params: { query: { email: email === '' ? undefined : email, org } } })),
    staleTime: 60_000,
  })

/** An address as far as a domain can be read from it; empty before that. */
export function addressWithDomain(typed: string): string {
  const email = typed.trim()
  return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(email) ? email : ''
}
