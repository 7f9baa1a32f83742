<!doctype html>
<title>Guest book</title>
<form method="post"><input name="name"><textarea name="text"></textarea><button>Sign</button></form>
<?php foreach ($entries as $entry): ?>
<article><h2><?= htmlspecialchars($entry['name']) ?></h2><p><?= nl2br(htmlspecialchars($entry['text'])) ?></p></article>
<?php endforeach ?>
