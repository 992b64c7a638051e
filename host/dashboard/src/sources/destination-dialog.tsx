import type { Destination } from "../api/types";
import { Dialog } from "../ui/dialog";
import { DestinationForm } from "./destination-form";
import { text } from "./destinations/text";

interface Props {
  sourceId: string;
  destination?: Destination;
  onClose: () => void;
}

/** The form of a destination over its page. */
export function DestinationDialog({ sourceId, destination, onClose }: Props) {
  const title =
    destination === undefined
      ? text.destinations.addTitle
      : text.destinations.editTitle(destination.name || destination.platform);
  return (
    <Dialog title={title} onClose={onClose} size="large">
      <DestinationForm sourceId={sourceId} {...(destination !== undefined && { destination })} onDone={onClose} />
    </Dialog>
  );
}
