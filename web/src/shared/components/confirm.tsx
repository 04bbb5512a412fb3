import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { createContext, use, useState, type ReactNode } from 'react'
import { useMessages } from '../i18n/messages'

export type Confirmation = { title: string; text: ReactNode; confirm: string; danger?: boolean; cancel?: string }
type Ask = (confirmation: Confirmation) => Promise<boolean>

const ConfirmContext = createContext<Ask>(() => Promise.resolve(false))

/** Asks before something that cannot be overlooked: `if (await confirm({ … })) …`. */
export function useConfirm(): Ask {
  return use(ConfirmContext)
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const m = useMessages()
  const [open, setOpen] = useState<{ question: Confirmation; answer: (yes: boolean) => void } | null>(null)
  // Kept while the dialogue fades out, so that its text does not vanish first.
  const [shown, setShown] = useState<Confirmation | null>(null)

  const ask: Ask = (question) =>
    new Promise((resolve) => {
      setShown(question)
      setOpen({ question, answer: resolve })
    })
  const finish = (yes: boolean) => {
    open?.answer(yes)
    setOpen(null)
  }

  return (
    <ConfirmContext value={ask}>
      {children}
      <Modal
        opened={open !== null}
        onClose={() => finish(false)}
        title={<Text fw={650}>{shown?.title}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <Stack>
          <Text component="div" size="sm">
            {shown?.text}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => finish(false)}>
              {shown?.cancel ?? m.common.cancel}
            </Button>
            <Button color={shown?.danger ? 'red' : undefined} onClick={() => finish(true)} data-autofocus>
              {shown?.confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </ConfirmContext>
  )
}
