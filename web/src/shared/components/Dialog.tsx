import { Modal, type ModalProps } from '@mantine/core'
import { useRequested } from '../changes/useRequested'

type Requested = {
  /** What to do instead of closing when the change that was made here became a change request. */
  onRequested?: () => void
}

/**
 * A dialog over the page. A change that is made in it may become a change request: then there is nothing left to do in it, so it closes. This and `SideDialog` are the one place that does so, for
 * every dialog (tests/dialogs.test.ts).
 */
export function Dialog({ onRequested, ...props }: ModalProps & Requested) {
  useRequested(props.opened, onRequested ?? props.onClose)
  return <Modal {...props} />
}
