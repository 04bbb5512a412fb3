import { Button, Stack } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '../texts/messages'
import type { MemberView } from '../api/types'
import { useMemberActions } from '../api/members'
import { showAccessError } from '../parts/accessError'
import { Row } from '../parts/Row'
import { SecretDialog } from '../parts/SecretDialog'
import { Section } from '../parts/Section'

/** What can be done about somebody's sign-in and membership; every question names what will happen. */
export function MemberActions({ org, member, own }: { org: string; member: MemberView; own: boolean }) {
  const m = useMessages()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const actions = useMemberActions(org, member.id)
  const [password, setPassword] = useState<string | null>(null)
  const name = member.name || member.email
  const failed = (error: unknown) => showAccessError(error, m)
  const t = m.memberActions

  const ask = async (title: string, text: string, label: string, act: () => void, danger = true) => {
    if (await confirm({ title, text, confirm: label, danger })) {
      act()
    }
  }
  const done = (message: string) => ({ onSuccess: () => showDone(message, m), onError: failed })

  return (
    <>
      <Section title={t.signIn}>
        <Stack gap={0}>
          <Row text={t.signOutHint}>
            <Button
              size="xs"
              variant="default"
              loading={actions.signOut.isPending}
              onClick={() =>
                void ask(t.signOutTitle(name), t.signOutText, t.signOut, () => actions.signOut.mutate(undefined, done(t.signedOut(name))), false)
              }
            >
              {t.signOut}
            </Button>
          </Row>
          {!own && (
            <>
              <Row text={t.passwordHint}>
                <Button
                  size="xs"
                  variant="default"
                  loading={actions.resetPassword.isPending}
                  onClick={() =>
                    void ask(t.passwordTitle(name), t.passwordText, t.password, () =>
                      actions.resetPassword.mutate(undefined, {
                        onSuccess: (answer) =>
                          answer?.temporaryPassword ? setPassword(answer.temporaryPassword) : showDone(t.passwordMailed(member.email), m),
                        onError: failed,
                      }),
                    )
                  }
                >
                  {t.password}
                </Button>
              </Row>
              {member.twoFactor && (
                <Row text={t.twoFactorHint}>
                  <Button
                    size="xs"
                    variant="default"
                    loading={actions.resetTwoFactor.isPending}
                    onClick={() =>
                      void ask(t.twoFactorTitle(name), t.twoFactorText, t.twoFactor, () =>
                        actions.resetTwoFactor.mutate(undefined, done(t.twoFactorDone(name))),
                      )
                    }
                  >
                    {t.twoFactor}
                  </Button>
                </Row>
              )}
            </>
          )}
        </Stack>
      </Section>
      <Section title={t.membership}>
        <Stack gap={0}>
          {member.status === 'active' ? (
            <Row text={t.deactivateHint}>
              <Button
                size="xs"
                variant="default"
                loading={actions.deactivate.isPending}
                onClick={() =>
                  void ask(t.deactivateTitle(name), own ? t.deactivateSelf : t.deactivateText, t.deactivate, () =>
                    actions.deactivate.mutate(undefined, done(t.deactivated(name))),
                  )
                }
              >
                {t.deactivate}
              </Button>
            </Row>
          ) : (
            <Row text={t.activateHint}>
              <Button
                size="xs"
                loading={actions.activate.isPending}
                onClick={() => actions.activate.mutate(undefined, done(t.activated(name)))}
              >
                {t.activate}
              </Button>
            </Row>
          )}
          <Row text={t.removeHint}>
            <Button
              size="xs"
              color="red"
              variant="light"
              loading={actions.remove.isPending}
              onClick={() =>
                void ask(t.removeTitle(name), own ? t.removeSelf : t.removeText, t.remove, () =>
                  actions.remove.mutate(undefined, {
                    onSuccess: () => {
                      showDone(t.removed(name), m)
                      void navigate({ to: '/o/$org/members', params: { org }, search: {} })
                    },
                    onError: failed,
                  }),
                )
              }
            >
              {own ? t.leave : t.remove}
            </Button>
          </Row>
        </Stack>
      </Section>
      <SecretDialog
        title={t.passwordSecretTitle}
        text={t.passwordSecretText(name)}
        secret={password}
        onClose={() => {
          setPassword(null)
          actions.resetPassword.reset()
        }}
      />
    </>
  )
}
