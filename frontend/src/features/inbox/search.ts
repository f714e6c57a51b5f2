/** What narrows the inbox, as it stands in the address. */
export interface InboxSearch {
  q?: string | undefined;
  channel?: string | undefined;
  label?: string | undefined;
  assignee?: string | undefined;
  team?: string | undefined;
  unread?: true | undefined;
  closing?: true | undefined;
  failed?: true | undefined;
  /** A message to go to. */
  at?: string | undefined;
}
