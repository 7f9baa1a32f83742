/** Words of the generated files. */
export const words = `
abort access account action active adapter address align alias apply argument array assert async attach attempt
attribute author await backend balance base batch before begin binary bind block body boundary branch bridge browser
bucket buffer build bundle byte cache call cancel capture case chain change channel char check child chunk class clean
client clone close code collect color column combine command commit compare compile complete compute condition config
confirm connect constant construct consume content context control convert copy count create current cursor custom data
date debug declare decode decorate default define delay delegate delete delta depend deploy depth derive describe detail
detect device diff digest direct disable dispatch display document domain draw drop duration dynamic edge edit element
emit empty enable encode end engine ensure entry environment error escape event exact example except execute exist exit
expand expect explain export extend extract factory fail fallback feature fetch field file filter final find finish
first fix flag flat flow flush focus fold follow force fork format forward frame free frozen function gather generate
global grant graph group guard handle hash head height helper hidden history hook host identity ignore image implement
import include index infer inherit init inject inline inner input insert inspect install instance integer interface
internal interval invalid invoke isolate item iterate join keep key kind label language last layer layout lazy leaf
left length level library limit line link list listen literal load local locate lock log lookup loop macro main manage
map mark mask match measure media memory merge message meta method middle migrate minor mirror missing mock mode model
modify module monitor mount move multi mutate name native nested network next node normal notify null number object
observe offset open operate option order origin other outer output overflow override own pack page pair panel parallel
parent parse part pass patch path pattern pause peer pending perform permit persist phase pipe place plain plugin point
policy poll pool port position prefix prepare present previous primary print private process produce profile program
project promise property protect protocol provide proxy publish pull push query queue quote random range rate raw reach
react read ready real receive record recover reduce refer refresh region register reject relate release reload remote
remove render repeat replace reply report request require reset resolve resource respond restore result resume retry
return reverse revoke right role root route row rule run safe sample save scale scan schema scope score script search
section secure select send sequence serial serve session set shadow shape share shell shift short signal simple single
size skip slice slot snapshot socket sort source space span spawn spec split stable stack stage start state static
status step stop store stream strict string strip style submit subscribe suffix suite sum support suspend swap switch
symbol sync syntax system table tag tail target task template term test text theme thread throw time timeout title
toggle token tool topic total touch trace track trail transfer transform tree trigger trim tuple type union unique unit
unlock unwrap update upgrade upload usage use user valid value variable vector vendor verify version view visit wait
walk warn watch weak width window with work worker wrap write yield zone`
  .trim()
  .split(/\s+/);
