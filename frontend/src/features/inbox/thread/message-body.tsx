import {
  IconAddressBook,
  IconFile,
  IconForms,
  IconMapPin,
  IconMicrophone,
  IconMoodSmile,
  IconPhoto,
  IconPuzzle,
  IconShoppingCart,
  IconSticker,
  IconTemplate,
  IconTrash,
  IconVideo,
} from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';

import type { Message } from '@/api/types';
import { type Key, useT } from '@/i18n';

import { contactsOf, numberIn, orderOf, pairOf, textIn } from './content';
import { RichText } from './rich-text-view';
import classes from './thread.module.css';

/** What a message says, whatever its kind. A kind that nobody has heard of is named, never left blank. */
export function MessageBody({ message }: { message: Message }) {
  const t = useT();
  const { content } = message;
  const caption = textIn(content, 'caption');
  switch (message.kind) {
    case 'text':
      return <RichText text={message.body} />;
    case 'image':
      return <Piece icon={IconPhoto} title="kind.image" words={caption} />;
    case 'video':
      return <Piece icon={IconVideo} title="kind.video" words={caption} />;
    case 'audio':
    case 'voice':
      return <Piece icon={IconMicrophone} title="kind.audio" words={textIn(content, 'transcript')} />;
    case 'document':
      return <Piece icon={IconFile} title="kind.document" facts={textIn(content, 'filename')} words={caption} />;
    case 'sticker':
      return <Piece icon={IconSticker} title="kind.sticker" />;
    case 'location': {
      const place = [textIn(content, 'name'), textIn(content, 'address')].filter(Boolean).join(', ');
      const [latitude, longitude] = [numberIn(content, 'latitude'), numberIn(content, 'longitude')];
      return (
        <Piece
          icon={IconMapPin}
          title="kind.location"
          words={place}
          facts={latitude !== undefined && longitude !== undefined ? `${latitude}, ${longitude}` : undefined}
        />
      );
    }
    case 'contacts':
      return <Piece icon={IconAddressBook} title="kind.contacts" words={contactsOf(content).join('\n')} />;
    case 'reaction':
      return (
        <Piece
          icon={IconMoodSmile}
          title={textIn(content, 'emoji') ? 'kind.reaction' : 'kind.reactionRemoved'}
          words={textIn(content, 'emoji')}
        />
      );
    case 'interactive':
    case 'button': {
      const { title, description } = pairOf(content);
      return <Piece icon={IconForms} title="kind.choice" words={title ?? message.body} facts={description} />;
    }
    case 'order': {
      const { items, total } = orderOf(content);
      return (
        <Piece
          icon={IconShoppingCart}
          title="kind.order"
          facts={t('bubble.items', { count: items })}
          words={[total, textIn(content, 'text')].filter(Boolean).join('\n')}
        />
      );
    }
    case 'template':
      return (
        <Piece
          icon={IconTemplate}
          title="kind.template"
          facts={textIn(content, 'name')}
          words={withoutBracket(message.body)}
        />
      );
    case 'edit':
      return <Piece icon={IconForms} title="kind.edit" words={withoutBracket(message.body)} />;
    case 'revoke':
      return <Piece icon={IconTrash} title="kind.revoke" />;
    default:
      return <Piece icon={IconPuzzle} title="kind.unknown" facts={message.kind} words={withoutBracket(message.body)} />;
  }
}

const withoutBracket = (body: string): string => body.replace(/^\[[^\]]*\]\s*/, '');

interface PieceProps {
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  title: Key;
  facts?: ReactNode;
  words?: string | undefined;
}

function Piece({ icon: Icon, title, facts, words }: PieceProps) {
  const t = useT();
  return (
    <>
      <span className={classes.piece}>
        <Icon size={18} aria-hidden /> {t(title)}
        {facts !== undefined && facts !== '' && <span className="muted">{facts}</span>}
      </span>
      {words && <RichText text={words} />}
    </>
  );
}
