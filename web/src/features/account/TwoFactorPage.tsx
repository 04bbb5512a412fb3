import { Alert, Badge, Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconShieldCheck, IconShieldOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { findingAt, isProblem } from '@/shared/api/problem'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { CodeInput, emptyCode, isCodeComplete, type Code } from '@/shared/signin/CodeInput'
import { RecoveryCodes } from './RecoveryCodes'
import { Section } from './Section'
import { useTwoFactorActions, type Proof } from './twoFactor'
import { TwoFactorSetup } from './TwoFactorSetup'

export function TwoFactorPage() {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const [setting, setSetting] = useState(false)
  const [asking, setAsking] = useState<'renew' | 'remove' | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const { renew, remove } = useTwoFactorActions()
  if (me === undefined) {
    return null
  }
  const needed = me.organizations.filter(({ requirement }) => requirement === 'two_factor_required')

  const close = () => {
    setAsking(null)
    renew.reset()
    remove.reset()
  }
  const prove = (proof: Proof) => {
    if (asking === 'renew') {
      renew.mutate(proof, {
        onSuccess: (answer) => {
          setCodes(answer.recoveryCodes)
          close()
        },
      })
    } else {
      remove.mutate(proof, {
        onSuccess: () => {
          showDone(m.twoFactor.removed, m)
          close()
        },
      })
    }
  }

  return (
    <>
      <Section
        title={m.twoFactor.title}
        text={m.twoFactor.text}
        action={
          <Badge
            size="lg"
            variant="light"
            tt="none"
            color={me.twoFactor ? 'teal' : 'gray'}
            leftSection={me.twoFactor ? <IconShieldCheck size={15} aria-hidden /> : <IconShieldOff size={15} aria-hidden />}
          >
            {me.twoFactor ? m.common.on : m.common.off}
          </Badge>
        }
      >
        {needed.length > 0 && !me.twoFactor && (
          <Alert color="orange" variant="light" mb="md">
            {m.twoFactor.neededBy(needed.map(({ name }) => name).join(', '))}
          </Alert>
        )}
        {setting ? (
          <TwoFactorSetup
            doneLabel={m.twoFactor.done}
            onCancel={() => setSetting(false)}
            onDone={() => {
              setSetting(false)
              showDone(m.twoFactor.added, m)
            }}
          />
        ) : me.twoFactor ? (
          <Text size="sm">{m.twoFactor.isOn}</Text>
        ) : (
          <Button onClick={() => setSetting(true)}>{m.twoFactor.setUp}</Button>
        )}
      </Section>
      {me.twoFactor && !setting && (
        <>
          <Section
            title={m.twoFactor.codesTitle}
            text={m.twoFactor.codesHint}
            action={
              codes === null && (
                <Button variant="default" onClick={() => setAsking('renew')}>
                  {m.twoFactor.newCodes}
                </Button>
              )
            }
          >
            {codes !== null && <RecoveryCodes codes={codes} doneLabel={m.twoFactor.done} onSaved={() => setCodes(null)} />}
          </Section>
          <Section
            title={m.twoFactor.remove}
            text={m.twoFactor.removeText}
            action={
              <Button variant="outline" color="red" onClick={() => setAsking('remove')}>
                {m.twoFactor.remove}
              </Button>
            }
          />
        </>
      )}
      <Dialog
        opened={asking !== null}
        onClose={close}
        title={<Text fw={650}>{asking === 'remove' ? m.twoFactor.removeTitle : m.twoFactor.renewTitle}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        {asking !== null && (
          <ProofForm
            key={asking}
            text={asking === 'remove' ? m.twoFactor.removeAsk : m.twoFactor.renewAsk}
            confirm={asking === 'remove' ? m.twoFactor.remove : m.twoFactor.newCodes}
            danger={asking === 'remove'}
            error={asking === 'remove' ? remove.error : renew.error}
            busy={renew.isPending || remove.isPending}
            external={me.session?.method !== 'password'}
            onCancel={close}
            onSubmit={prove}
          />
        )}
      </Dialog>
    </>
  )
}

type ProofFormProps = {
  text: string
  confirm: string
  danger: boolean
  error: unknown
  busy: boolean
  /** Whether the person may have no password here. */
  external: boolean
  onCancel: () => void
  onSubmit: (proof: Proof) => void
}

function ProofForm({ text, confirm, danger, error, busy, external, onCancel, onSubmit }: ProofFormProps) {
  const m = useMessages()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<Code>(emptyCode)
  const passwordFinding = findingAt(error, '/password')
  const codeFinding = findingAt(error, '/code')
  const asksForPassword = !external || passwordFinding !== undefined
  const ready = isCodeComplete(code) && (!asksForPassword || password !== '')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) {
          onSubmit({ password: asksForPassword ? password : undefined, code: code.value })
        }
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{text}</Text>
        {error !== null && passwordFinding === undefined && codeFinding === undefined && (
          <Alert color="red" variant="light" role="alert">
            {isProblem(error, 'recent_sign_in_required') ? m.twoFactor.signInAgain : errorText(error, m)}
          </Alert>
        )}
        {asksForPassword && (
          <PasswordInput
            label={m.auth.password}
            autoComplete="current-password"
            value={password}
            data-autofocus
            error={passwordFinding !== undefined && passwordFinding.code !== 'required' && m.auth.wrongCurrent}
            visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        <CodeInput code={code} onChange={setCode} error={codeFinding && m.findings.invalid_code} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {m.common.cancel}
          </Button>
          <Button type="submit" color={danger ? 'red' : undefined} disabled={!ready} loading={busy}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
