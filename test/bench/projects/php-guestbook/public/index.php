<?php
declare(strict_types=1);

require __DIR__ . '/../src/Entries.php';
require __DIR__ . '/../src/View.php';

$entries = new Entries(new PDO('sqlite:' . __DIR__ . '/../data/entries.sqlite'));
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $entries->add((string) ($_POST['name'] ?? ''), (string) ($_POST['text'] ?? ''));
    header('Location: /', true, 303);
    exit;
}
echo (new View(__DIR__ . '/../templates'))->render('index', ['entries' => $entries->latest(20)]);
