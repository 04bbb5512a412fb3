import { Button } from '@mantine/core'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { useMessages } from '@/shared/i18n/messages'

/** What is left of a window in which an identity provider was asked, where the browser does not let it close itself. */
export function SignedInPage() {
  const m = useMessages()
  return (
    <AuthLayout title={m.signIn.doneTitle} text={m.signIn.doneText}>
      <Button variant="default" onClick={() => window.close()}>
        {m.common.close}
      </Button>
    </AuthLayout>
  )
}
