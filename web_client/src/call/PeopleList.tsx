import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import { type People, type Person, raisedHands } from "./model";
import { QualityMark } from "./QualityMark";

export function PeopleList({ people }: { readonly people: People }) {
  const { t } = useTranslation();
  const hands = raisedHands(people);
  return (
    <div className="people">
      {hands.length > 0 && (
        <>
          <h3 id="hands-heading">{t("call.hands")}</h3>
          <ol aria-labelledby="hands-heading" data-testid="hand-queue">
            {hands.map((person) => (
              <li key={person.identity}>{person.name}</li>
            ))}
          </ol>
        </>
      )}
      <ul data-testid="people-list">
        {[...people.values()].map((person) => (
          <Row key={person.identity} person={person} />
        ))}
      </ul>
    </div>
  );
}

function Row({ person }: { readonly person: Person }) {
  const { t } = useTranslation();
  const name = person.isLocal ? t("call.you", { name: person.name }) : person.name;
  return (
    <li className="people__row">
      <span className="people__name">{name}</span>
      {!person.microphone && (
        <span className="people__muted" title={t("call.tile.muted")}>
          <Icon name="microphoneOff" />
          <span className="visually-hidden">{t("call.tile.muted")}</span>
        </span>
      )}
      <QualityMark person={person} />
    </li>
  );
}
