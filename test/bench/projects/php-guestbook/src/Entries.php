<?php
declare(strict_types=1);

/** What guests wrote. */
final class Entries
{
    public function __construct(private readonly PDO $database)
    {
        $database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $database->exec('CREATE TABLE IF NOT EXISTS entries (name TEXT, text TEXT, written INTEGER)');
    }

    public function add(string $name, string $text): void
    {
        $name = mb_substr(trim($name), 0, 80) ?: 'a guest';
        $text = mb_substr(trim($text), 0, 2000);
        if ($text === '') {
            return;
        }
        $insert = $this->database->prepare('INSERT INTO entries VALUES (?, ?, ?)');
        $insert->execute([$name, $text, time()]);
    }

    /** @return list<array{name: string, text: string, written: int}> */
    public function latest(int $count): array
    {
        $select = $this->database->prepare('SELECT * FROM entries ORDER BY written DESC LIMIT ?');
        $select->bindValue(1, $count, PDO::PARAM_INT);
        $select->execute();
        return $select->fetchAll(PDO::FETCH_ASSOC);
    }
}
