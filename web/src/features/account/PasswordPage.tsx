import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { ChangePasswordForm } from '@/shared/signin/ChangePasswordForm'
import { Section } from './Section'

export function PasswordPage() {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const [round, setRound] = useState(0)
  return (
    <Section title={m.account.password} text={m.account.passwordText}>
      <div style={{ maxWidth: 460 }}>
        <ChangePasswordForm
          key={round}
          me={me}
          onDone={() => {
            setRound(round + 1)
            showDone(m.account.passwordChanged, m)
          }}
        />
      </div>
    </Section>
  )
}
