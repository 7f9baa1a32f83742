<?php
// Turns a word around, whatever alphabet it is written in.
$word = $_GET['word'] ?? 'varve';
header('content-type: text/plain; charset=utf-8');
echo implode('', array_reverse(mb_str_split($word))), "\n";
