import { useBlocker } from '@tanstack/react-router'
import { useConfirm } from '@/shared/components/confirm'
import { useMessages } from '@/shared/i18n/messages'

type Place = { pathname: string; search: unknown }

const part = (place: Place, name: string) => (place.search as Record<string, unknown>)[name]

/** Asks before unsaved changes are left: on another page, in another environment or tab, or by closing the window. */
export function useLeaveGuard(dirty: boolean) {
  const m = useMessages()
  const confirm = useConfirm()
  useBlocker({
    disabled: !dirty,
    enableBeforeUnload: dirty,
    shouldBlockFn: async ({ current, next }) => {
      const stays =
        current.pathname === next.pathname &&
        part(current, 'env') === part(next, 'env') &&
        part(current, 'tab') === part(next, 'tab')
      return (
        !stays &&
        !(await confirm({
          title: m.save.leaveTitle,
          text: m.save.leaveText,
          confirm: m.save.leave,
          cancel: m.save.stay,
          danger: true,
        }))
      )
    },
  })
}
