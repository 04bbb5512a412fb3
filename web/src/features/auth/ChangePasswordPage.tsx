import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { ChangePasswordForm } from '@/shared/signin/ChangePasswordForm'

/** Where people with a temporary password are led before anything else. */
export function ChangePasswordPage() {
  const m = useMessages()
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const forced = me?.mustChangePassword ?? false
  return (
    <AuthLayout title={m.auth.changeTitle} text={forced ? m.auth.changeForced : undefined}>
      <ChangePasswordForm
        me={me}
        onDone={() => {
          showDone(m.auth.changed, m)
          void navigate({ to: '/' })
        }}
      />
      {!forced && (
        <Button component={Link} to="/" variant="subtle">
          {m.common.cancel}
        </Button>
      )}
    </AuthLayout>
  )
}
