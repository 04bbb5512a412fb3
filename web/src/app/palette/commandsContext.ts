import { createContext } from 'react'

/** Opens the palette or the list of shortcuts. */
export const CommandsContext = createContext<(open: 'palette' | 'sheet' | null) => void>(() => undefined)
